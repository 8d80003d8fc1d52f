using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Weir.Agent.Collectors;
using Weir.Agent.Commands;
using Weir.Agent.Local;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Commands;

/// <summary>doctor and list where no agent runs, and what --fix asks.</summary>
public sealed class DoctorCommandTests
{
    private static readonly SourceStatus Denied = new("the source", "denied", "no", new SourceRight("group x", "sh -c \"exit 3\" ACCOUNT", "SupplementaryGroups=x"));

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        string config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, $"listen: {IPAddress.Loopback}:{FreePorts.Take(1)[0]}\ncollectors: {{ load: {{ enabled: false }}, process: {{ include: ['{Path.GetFileName(Environment.ProcessPath)}'] }} }}\n", TestContext.Current.CancellationToken);
        using StringWriter output = new(), error = new();
        int code = await AgentCommandLine.RunAsync([.. arguments, "--config", config], output, error);
        File.Delete(config);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public async Task Doctor_NoAgentRuns_SaysSoAndTriesHere()
    {
        (int code, string output, string error) = await RunAsync("doctor");
        Assert.Contains("No agent answers at 127.0.0.1:", output, StringComparison.Ordinal);
        Assert.Matches(@"cpu +works +/proc/stat +no special right", output);
        Assert.Matches(@"load +off", output);
        Assert.Equal("", error);
        Assert.True(code is ExitCodes.Ok or ExitCodes.Failed);
    }

    [Fact]
    public void Print_Degraded_SaysOnceWhatIsLackingAndThatCollectorsWork()
    {
        using var output = new StringWriter();
        CollectorStatus process = new() { Name = "process", Lane = "normal", IntervalMs = 15_000, State = "degraded", Problem = "something is lacking: do this", Sources = [new("/proc", "works", "something is lacking: do this")] };
        DoctorPrinter.Print(output, StatusReader.Describe(0, [process]), new Weir.Agent.Configuration.AgentConfig(), isRunning: false, noAnswer: null);
        Assert.Matches(@"process +degraded +/proc +see below", output.ToString());
        Assert.Equal(2, output.ToString().Split("something is lacking: do this").Length);
        Assert.EndsWith("All 1 collectors work, 1 is degraded.", output.ToString().TrimEnd(), StringComparison.Ordinal);
        Assert.True(process.IsWell);
        output.GetStringBuilder().Clear();
        DoctorPrinter.Print(output, StatusReader.Describe(0, [process, process with { State = "failed" }]), new Weir.Agent.Configuration.AgentConfig(), isRunning: false, noAnswer: null);
        Assert.EndsWith("1 of 2 collectors does not work, 1 is degraded.", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListProcesses_NoAgentRuns_NamesThoseOfThisHost()
    {
        (int code, string output, string error) = await RunAsync("list", "--processes");
        Assert.Equal((ExitCodes.Ok, ""), (code, error));
        Assert.StartsWith("NAME", output, StringComparison.Ordinal);
        // The configuration asks for it by name: it need not rank.
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        Match row = Regex.Match(output, $@"(?m)^\S.*  +{self.Id}  (\S+)$");
        Assert.True(row.Success, output);
        Assert.InRange(DateTime.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal) - self.StartTime.ToUniversalTime(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        Assert.Contains("no agent answers", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("doctor", "Tried here as ")]
    [InlineData("list", "Tried here as ")]
    [InlineData("list --processes", "as read here.")]
    public async Task Here_SaysNothingOfAnAgentThatWasNotAsked(string command, string said)
    {
        (_, string output, _) = await RunAsync([.. command.Split(' '), "--here"]);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.DoesNotContain("o agent answers", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_Json_ReadsBack()
    {
        (_, string output, _) = await RunAsync("doctor", "--output", "json");
        AgentStatus status = StatusJson.Read(System.Text.Encoding.UTF8.GetBytes(output), new Weir.Agent.Configuration.AgentConfig());
        Assert.Contains(status.Collectors, static collector => collector is { Name: "memory", State: "works", Series: > 0 });
    }

    [Fact]
    public async Task Report_HasSystemBuildVerdictOfEverySourceAndTimings()
    {
        string file = Path.GetTempFileName();
        (_, string output, string error) = await RunAsync("doctor", "--here", "--report", file);
        string report = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        File.Delete(file);

        Assert.Equal("", error);
        Assert.Matches($@"(?m)^weir-agent  {Regex.Escape(AgentVersion.Text)}\r?$", report);
        Assert.Contains($"system      {RuntimeInformation.OSDescription}, build {Environment.OSVersion.Version}, {RuntimeInformation.OSArchitecture}", report, StringComparison.Ordinal);
        Assert.Contains(RuntimeInformation.FrameworkDescription, report, StringComparison.Ordinal);
        Assert.Contains(output, report, StringComparison.Ordinal);
        AgentStatus status = StatusJson.Read(System.Text.Encoding.UTF8.GetBytes(report[report.IndexOf($"{Environment.NewLine}{{", StringComparison.Ordinal)..]), new Weir.Agent.Configuration.AgentConfig());
        Assert.Equal(
            CollectorCatalog.All.Where(static info => info.Name != "load" && info.IsDefault && info.Sources.Any(static source => source.IsHere)).SelectMany(static info => info.Sources.Select(source => (info.Name, source.Name))),
            status.Collectors.SelectMany(static collector => collector.Sources.Select(source => (collector.Name, source.Name))));
        Assert.All(status.Collectors.SelectMany(static collector => collector.Sources), static source => Assert.Contains(source.State, (string[])["works", "denied", "failed", "not here", "unused"]));
        Assert.All(status.Collectors.Where(static collector => collector.State == "works"), static collector => Assert.True(collector is { Runs: 2, DurationMs: > 0 }, collector.Name));
    }

    [Theory]
    [InlineData("none/report.txt", "Could not find a part of the path '{0}'.")]
    [InlineData("", "Access to the path '{0}' is denied.")]
    [InlineData("/dev/full", "No space left on device : '{0}'")]
    public async Task Report_CannotBeWritten_NamesTheFileAndWhyAndIsAFailure(string name, string why)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the words are those of Linux");
        string folder = Directory.CreateTempSubdirectory("weir-report-").FullName, file = Path.Combine(folder, name);
        (int code, string output, string error) = await RunAsync("doctor", "--here", "--report", file);
        Directory.Delete(folder, recursive: true);
        Assert.Equal((ExitCodes.Failed, $"{file}: {string.Format(CultureInfo.InvariantCulture, why, file)}"), (code, error.TrimEnd()));
        // What was found is not lost with it.
        Assert.Matches(@"memory +works", output);
    }

    [Fact]
    public async Task List_HasEveryCollectorOnce()
    {
        (int code, string output, _) = await RunAsync("list");
        Assert.Equal(ExitCodes.Ok, code);
        string[] names = [.. output.Split('\n').Skip(1).TakeWhile(static line => line.Length > 0).Select(static line => line.Split(' ')[0])];
        Assert.Equal(CollectorCatalog.All.Select(static info => info.Name).Order(), names.Order());
        Assert.Matches(@"load +off", output);
    }

    [Theory]
    [InlineData("n\n", true, "Left as it is.")]
    [InlineData("", true, "Left as it is.")]
    [InlineData("y\n", false, "This would run: sh -c \"exit 3\" weir-agent\n")]
    public void Fix_OnlyWithAnAnswer(string answer, bool isGood, string said)
    {
        (bool good, string output, string error) = Fix(answer, "host/weir-agent", Denied);
        Assert.Equal(isGood, good);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.Equal(isGood ? "" : "It ended with exit code 3.", error.Trim());
    }

    [Fact]
    public void Fix_AccountThatTheHostDoesNotList_IsToldWhatItsUnitNeeds()
    {
        (bool good, string output, _) = Fix("y\n", "weir-dynamic", Denied);
        Assert.True(good);
        Assert.DoesNotContain("would run", output, StringComparison.Ordinal);
        Assert.Contains("[Service]\n  SupplementaryGroups=x\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Fix_SourceThatWorksWithoutAPart_GrantsWhatThePartNeeds()
    {
        SourceStatus partly = Denied with { State = "works", Error = "channel Security cannot be read: the account needs group x", Needs = null, PartlyNeeds = new PartialRight(Denied.Needs!, "Security") };
        Assert.Contains("This would run: sh", Fix("n\n", "host/weir-agent", partly).Output, StringComparison.Ordinal);
        Assert.Contains("Nothing to grant", Fix("n\n", "host/weir-agent", partly with { Error = "it is held and not enough" }).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Fix_NoServiceIsInstalledForWhatAnswers_GrantsNothing()
    {
        (bool good, string output, _) = Fix("y\n", null, Denied);
        Assert.True(good);
        Assert.DoesNotContain("would run", output, StringComparison.Ordinal);
        Assert.Contains("The group x is missing, and no service is installed", output, StringComparison.Ordinal);
    }

    private static (bool Good, string Output, string Error) Fix(string answer, string? account, SourceStatus source)
    {
        string accounts = Path.GetTempFileName();
        File.WriteAllText(accounts, "root:x:0:0:root:/root:/bin/sh\nweir-agent:x:900:900::/:/bin/false\n");
        using StringWriter output = new(), error = new();
        using var answers = new StringReader(answer);
        AgentStatus status = StatusReader.Describe(0, [new CollectorStatus { Name = "x", Lane = "high", IntervalMs = 1, State = "failed", Sources = [source] }]);
        bool good = new RightsFix(output, error, answers, accounts).Run(status, account);
        File.Delete(accounts);
        return (good, output.ToString(), error.ToString());
    }

    [Theory]
    [InlineData("denied", "group x")]
    [InlineData("works", "group x")]
    public void Print_SourceThatNeedsARight_NamesItWhetherOrNotItIsHeld(string state, string needs)
    {
        using var output = new StringWriter();
        DoctorPrinter.Print(output, StatusReader.Describe(0, [new CollectorStatus { Name = "x", Lane = "high", IntervalMs = 1, State = state == "works" ? "works" : "failed", Sources = [Denied with { State = state }] }]), new Weir.Agent.Configuration.AgentConfig(), isRunning: false, noAnswer: null);
        Assert.Matches($@"x +(works|failed) +(the source)? +{needs}", output.ToString());
    }

    [Theory]
    [InlineData("a; touch /tmp/x")]
    [InlineData("h/-G sudo mallory")]
    [InlineData("h/-G")]
    [InlineData("h/")]
    public void Fix_AccountThatIsNone_GrantsNothing(string account)
    {
        (bool good, string output, _) = Fix("y\n", account, Denied);
        Assert.False(good);
        Assert.DoesNotContain("would run", output, StringComparison.Ordinal);
    }
}
