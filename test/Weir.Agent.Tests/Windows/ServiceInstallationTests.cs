using System.Diagnostics;
using Weir.Agent.Services.Windows;

namespace Weir.Agent.Tests.Windows;

/// <summary>What an installation asks of Windows, part by part.</summary>
public sealed class ServiceInstallationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-rights-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Rights_OfADataDirectory_AreThoseOfItsIdentityAndOfAnOwnDirectoryAboveToo()
    {
        string data = Path.Combine(_directory, "Weir", "Agent"), above = Path.Combine(_directory, "Weir"), identity = Path.Combine(data, "identity");
        Assert.Equal([above, data], DirectoryRights.Of(data, "elsewhere"));
        Directory.CreateDirectory(identity);
        Assert.Equal([data, identity], DirectoryRights.Of(data, "elsewhere"));
        Assert.Equal([above, data, identity], DirectoryRights.Of(data, above.ToUpperInvariant()));
        foreach (string each in DirectoryRights.Of(data, above)) DirectoryRights.Create(each, DirectoryRights.For(ServiceSid.Of("weir-agent")));
    }

    [Theory]
    [InlineData("S-1-5-18", true)] // the system
    [InlineData("S-1-5-32-544", true)] // Administrators
    [InlineData("S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", true)] // TrustedInstaller
    [InlineData("S-1-5-21-1-2-3-1001", true)] // who installs
    [InlineData("S-1-5-21-1-2-3-1002", false)]
    [InlineData("S-1-5-32-545", false)] // Users
    [InlineData("S-1-1-0", false)] // everyone
    public void Rights_OwnerOfTheDirectoryAbove_IsTrustedWhereHeRulesTheHostAnyway(string owner, bool isTrusted) => Assert.Equal(isTrusted, DirectoryRights.IsTrusted(owner, "S-1-5-21-1-2-3-1001"));

    [Theory]
    [InlineData(0, null)]
    [InlineData(1378, null)]
    [InlineData(1377, null)]
    [InlineData(1376, "left as it is: this system has no group")]
    [InlineData(5, "left as it is: add: access denied")]
    [InlineData(2351, "left as it is: add: ")]
    public void Group_ThatRefuses_IsLeftAsItIsAndSaysWhy(uint code, string? said)
    {
        string? answer = LocalGroup.PerformanceMonitorUsers.Judge("add", code);
        if (said is null) Assert.Null(answer);
        else Assert.StartsWith(said, answer, StringComparison.Ordinal);
    }

    [Fact]
    public void EndingProcess_HasEndedOnceItHas()
    {
        using Process process = Process.Start(new ProcessStartInfo("cmd.exe", "/c set /p line=") { RedirectStandardInput = true, UseShellExecute = false })!;
        using EndingProcess ending = EndingProcess.TryOpen((uint)process.Id)!;
        Assert.False(ending.HasEnded);
        process.StandardInput.WriteLine();
        process.StandardInput.Close();
        process.WaitForExit();
        Assert.True(ending.HasEnded);
    }

    [Fact]
    public void EndingProcess_OfNoProcess_IsNone() => Assert.Null(EndingProcess.TryOpen(0));
}
