using System.Globalization;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Server.Tests.Identity;

/// <summary>The agent's side against a real enrolment listener, on a clock that the test moves.</summary>
public sealed class AgentIdentityTests : IDisposable
{
    private static readonly AgentId Agent = new(7, 7);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-joining-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-06-01T12:00:00Z", CultureInfo.InvariantCulture));
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string AgentData => Path.Combine(_work, "agent");

    private string ServerData => Path.Combine(_work, "identity");

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Agent_JoinsWithItsToken_AndRenewsAtTwoThirdsOfTheLifetime()
    {
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        using AgentIdentity identity = Run(server.Address, Token(server));
        await UntilAsync(() => identity.Credentials is not null);
        string first = Serial(identity);
        Assert.Equal("default", identity.Credentials!.Tenant);
        Assert.Equal(TimeSpan.FromHours(24), identity.Credentials.Lifetime);
        _time.Advance(TimeSpan.FromHours(14.7)); // before two thirds less a twentieth
        Assert.Equal(first, Serial(identity));
        _time.Advance(TimeSpan.FromHours(1.4)); // after two thirds
        await UntilAsync(() => Serial(identity) != first);
        Assert.Equal(TimeSpan.FromHours(24), identity.Credentials.Lifetime);
    }

    [Fact]
    public async Task Agent_WithNoServerFromTheVeryFirstStart_JoinsWhenThereIsOne()
    {
        (JoinToken token, int port) = await ServerThatWentAwayAsync();
        using AgentIdentity identity = Run(Local(port), token);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(identity.Credentials);
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time, port);
        await UntilAsync(() => identity.Credentials is not null);
    }

    [Fact]
    public async Task Agent_WhoseServerIsAwayForThreeDays_ComesBackWithoutAHuman()
    {
        string address, first;
        AgentIdentity identity;
        await using (EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time))
        {
            address = server.Address;
            identity = Run(address, Token(server));
            await UntilAsync(() => identity.Credentials is not null);
            first = Serial(identity);
        }

        using (identity)
        {
            for (int hour = 0; hour < 72; hour++) _time.Advance(TimeSpan.FromHours(1));
            Assert.True(identity.Credentials!.ExpiresAt < _time.GetUtcNow());
            Assert.Equal(first, Serial(identity));
            await using EnrollmentListener back = await EnrollmentListener.StartAsync(ServerData, _time, PortOf(address));
            await UntilAsync(() => Serial(identity) != first);
            Assert.True(identity.Credentials.ExpiresAt > _time.GetUtcNow());
        }
    }

    [Fact]
    public async Task Agent_ThatWasSwitchedOffForLongerThanThirtyDays_NeedsATokenOnceMore()
    {
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        string first;
        using (AgentIdentity identity = Open(server.Address, Token(server)))
        {
            await ObtainAsync(identity);
            first = Serial(identity);
        }

        _time.Advance(TimeSpan.FromDays(32));
        using (AgentIdentity without = Run(server.Address, null))
        {
            for (int i = 0; i < 20; i++)
            {
                _time.Advance(TimeSpan.FromMinutes(5));
                await Task.Yield();
            }

            Assert.Equal(first, Serial(without));
        }

        using AgentIdentity again = Run(server.Address, Token(server));
        await UntilAsync(() => Serial(again) != first);
        Assert.Single(server.Identity.Directory.Agents());
    }

    [Fact]
    public async Task Agent_Restarted_KeepsKeyAndCertificate_ForItsOwnerOnly()
    {
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        string first;
        using (AgentIdentity identity = Open(server.Address, Token(server)))
        {
            await ObtainAsync(identity);
            first = Serial(identity);
        }

        using (AgentIdentity again = Open(server.Address, null)) Assert.Equal(first, Serial(again));
        string folder = AgentIdentity.FolderOf(AgentData);
        Assert.True(AgentIdentity.HasJoined(AgentData));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        foreach (string file in (string[])["key", "credentials"]) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, file)));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("credentials")]
    public async Task Agent_WhoseFileIsDamaged_NamesItAndTheCure(string file)
    {
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        using (AgentIdentity identity = Open(server.Address, Token(server))) await ObtainAsync(identity);
        string path = Path.Combine(AgentIdentity.FolderOf(AgentData), file);
        string text = await File.ReadAllTextAsync(path, Cancellation);
        await File.WriteAllTextAsync(path, text[..(text.Length / 2)], Cancellation);
        AgentDataException error = Assert.Throws<AgentDataException>(() => Open(server.Address, null));
        Assert.Equal((AgentDataError.Damaged, path), (error.Error, error.Path));
        Assert.Contains("enrol again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agent_WhoseKeyIsAnotherThanItsCertificates_SaysSo()
    {
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        using (AgentIdentity identity = Open(server.Address, Token(server))) await ObtainAsync(identity);
        if (OperatingSystem.IsWindows()) return;
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(Path.Combine(AgentIdentity.FolderOf(AgentData), "key"), other.ExportPkcs8PrivateKeyPem(), Cancellation);
        Assert.Contains("not of this agent and its key", Assert.Throws<AgentDataException>(() => Open(server.Address, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Join_AtAServerThatThePinDoesNotName_TellsItNothing()
    {
        await using EnrollmentListener impostor = await EnrollmentListener.StartAsync(Path.Combine(_work, "impostor"), _time);
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        JoinToken token = Token(server);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => JoinAsync(impostor.Address, token));
        Assert.Contains("is not the server that is trusted", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(0, Assert.Single(server.Identity.Directory.Tokens()).Used);
        await JoinAsync(server.Address, token);
    }

    [Fact]
    public async Task Renew_AtAServerOfAnotherAuthority_IsRefusedByTheAgent()
    {
        string first;
        int port;
        AgentIdentity identity;
        await using (EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time))
        {
            port = PortOf(server.Address);
            identity = Run(server.Address, Token(server));
            await UntilAsync(() => identity.Credentials is not null);
            first = Serial(identity);
        }

        using (identity)
        {
            await using (EnrollmentListener impostor = await EnrollmentListener.StartAsync(Path.Combine(_work, "impostor"), _time, port))
            {
                for (int hour = 0; hour < 30; hour++) _time.Advance(TimeSpan.FromHours(1));
                Assert.Equal(first, Serial(identity));
            }

            await using EnrollmentListener back = await EnrollmentListener.StartAsync(ServerData, _time, port);
            await UntilAsync(() => Serial(identity) != first);
        }
    }

    private static JoinToken Token(EnrollmentListener server) => server.Identity.Directory.CreateToken("default", 1, TimeSpan.FromHours(24), "");

    private static string Serial(AgentIdentity identity) => identity.Credentials!.Certificate.SerialNumber;

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static int PortOf(string address) => int.Parse(address.Split(':')[^1], CultureInfo.InvariantCulture);

    private async Task<(JoinToken Token, int Port)> ServerThatWentAwayAsync()
    {
        await using EnrollmentListener server = await EnrollmentListener.StartAsync(ServerData, _time);
        return (Token(server), PortOf(server.Address));
    }

    private AgentIdentity Open(string address, JoinToken? token) =>
        AgentIdentity.Open(Config(address, token), new PhysicalFileSystem(), static () => new AgentState(Agent, 1, 0), _time, NullLoggerFactory.Instance)!;

    private AgentIdentity Run(string address, JoinToken? token)
    {
        AgentIdentity identity = Open(address, token);
        _running.Add(identity.RunAsync(_stop.Token));
        return identity;
    }

    private async Task JoinAsync(string address, JoinToken token)
    {
        using AgentIdentity identity = Open(address, token);
        await identity.JoinAsync(Cancellation);
    }

    private async Task ObtainAsync(AgentIdentity identity)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task running = identity.RunAsync(stop.Token);
        await UntilAsync(() => identity.Credentials is not null);
        await stop.CancelAsync();
        await running;
    }

    private AgentConfig Config(string address, JoinToken? token) => new() { DataDirectory = AgentData, EnrollAddress = address, JoinToken = token };

    private Task UntilAsync(Func<bool> isSo) => ClockedWait.UntilAsync(_time, isSo, Cancellation);
}
