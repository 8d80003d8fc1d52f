using Microsoft.Extensions.Logging.Abstractions;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Gateway.Tests.Identity;

/// <summary>The identity on a real disk.</summary>
public sealed class IdentityFilesTests : IDisposable
{
    private readonly string _work = System.IO.Directory.CreateTempSubdirectory("weir-identity-").FullName;

    public void Dispose() => System.IO.Directory.Delete(_work, recursive: true);

    [Fact]
    public void Open_MakesEverythingForItsOwnerOnly()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows has access lists instead of modes");
        string root = Path.Combine(_work, "identity");
        using GatewayIdentity identity = GatewayIdentity.Open(new PhysicalFileSystem(), root, new IdentityOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        Protocol.Identity.JoinToken token = identity.Directory.CreateToken("default", 1, TimeSpan.FromHours(1), "");
        Assert.Equal(EnrollmentRefusal.None, identity.Desk.Enroll(TestJoiner.Number(1).Request(token)).Refusal);
        string[] files = System.IO.Directory.GetFiles(root, "*", SearchOption.AllDirectories);
        Assert.Equal(4, files.Length); // authority, token, use, agent
        foreach (string file in files) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, ModeOf(file));
        foreach (string directory in (string[])[root, .. System.IO.Directory.GetDirectories(root)])
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, ModeOf(directory));
        string kept = string.Concat(files.Where(file => !file.EndsWith(".pem", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.DoesNotContain(Convert.ToHexStringLower(token.Secret), kept, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Reveal().Split('.')[2], kept, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_OfACommand_IsSeenByTheServerThatRuns()
    {
        string root = Path.Combine(_work, "identity");
        using GatewayIdentity server = GatewayIdentity.Open(new PhysicalFileSystem(), root, new IdentityOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        IdentityDirectory command = IdentityDirectory.Open(new PhysicalFileSystem(), root, new IdentityOptions(), TimeProvider.System);
        TestJoiner joiner = TestJoiner.Number(1);
        Protocol.Identity.JoinToken token = command.CreateToken("default", 1, TimeSpan.FromHours(1), "by a command");
        Assert.Equal(EnrollmentRefusal.None, server.Desk.Enroll(joiner.Request(token)).Refusal);
        Assert.Equal((1, "by a command"), Assert.Single(command.Tokens()) is var (kept, used) ? (used, kept.Label) : default);
        Assert.Equal(joiner.Agent, Assert.Single(command.Agents()).Agent);
        Assert.Equal(2, command.RotateAuthority());
        server.Look();
        Assert.Equal(2, server.Directory.ListAuthorities().Count);
        Assert.True(command.RevokeAgent(joiner.Agent));
        Assert.False(command.RevokeAgent(new AgentId(9, 9)));
        Assert.Equal(EnrollmentRefusal.RevokedAgent, server.Desk.Enroll(joiner.Request(token)).Refusal);
        Assert.True(command.RevokeToken(token.Id));
        Assert.False(command.RevokeToken("../../etc"));
        Assert.Equal(EnrollmentRefusal.RevokedToken, server.Desk.Enroll(joiner.Request(token)).Refusal);
    }

    private static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : File.GetUnixFileMode(path);
}
