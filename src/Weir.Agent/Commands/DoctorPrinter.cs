using System.Runtime.InteropServices;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Local;

namespace Weir.Agent.Commands;

/// <summary>Prints what <c>doctor</c> found.</summary>
internal static class DoctorPrinter
{
    /// <summary>What the report says of system and program.</summary>
    public static void PrintSystem(TextWriter output, AgentStatus status)
    {
        output.WriteLine($"weir-agent  {status.Version}");
        output.WriteLine($"system      {RuntimeInformation.OSDescription}, build {Environment.OSVersion.Version}, {RuntimeInformation.OSArchitecture}");
        output.WriteLine($"runtime     {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}");
        output.WriteLine($"processors  {Environment.ProcessorCount}");
        output.WriteLine();
    }

    /// <summary>Verdict per collector, then what is wrong and what would mend it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="status">What was found.</param>
    /// <param name="config">The configuration in effect.</param>
    /// <param name="isRunning">Whether a running agent said it.</param>
    /// <param name="noAnswer">Why the one that was asked did not; null where it did, or none was.</param>
    public static void Print(TextWriter output, AgentStatus status, AgentConfig config, bool isRunning, string? noAnswer)
    {
        if (noAnswer is not null) output.Write($"{char.ToUpperInvariant(noAnswer[0])}{noAnswer[1..]}. ");
        output.WriteLine(isRunning
            ? $"Agent {status.ProcessId}, version {status.Version}, runs as {status.Account} and says:"
            : $"Tried here as {status.Account}; a service may have other rights:");
        output.WriteLine();
        List<string[]> rows = [["COLLECTOR", "STATE", "SOURCE", "NEEDS"]];
        foreach (CollectorStatus collector in status.Collectors)
        {
            SourceStatus? source = collector.Sources.FirstOrDefault(source => source.State == (collector.State == "not here" ? collector.State : "works"));
            rows.Add([collector.Name, collector.State, source?.Name ?? "", NeedsOf(source ?? collector.Sources.FirstOrDefault(static source => source.State == "denied"))]);
        }

        foreach (CollectorInfo info in CollectorCatalog.All.Where(info => info.Sources.Count > 0 && !info.IsEnabled(config))) rows.Add([info.Name, "off", "", ""]);
        TextTable.Write(output, rows);
        foreach (CollectorStatus collector in status.Collectors.Where(static collector => collector.Problem is not null)) PrintProblem(output, collector);
        output.WriteLine();
        output.WriteLine(Verdict(status.Collectors));
    }

    private static string NeedsOf(SourceStatus? source) =>
        source?.Needs is { } right ? right.Name
        : source?.PartlyNeeds is { } partly ? $"{partly.Right.Name} for {partly.Part}"
        : source is { State: "works", Error: not null } or { State: "denied" } ? "see below" : "no special right";

    private static string Verdict(IReadOnlyList<CollectorStatus> collectors)
    {
        int bad = collectors.Count(static collector => !collector.IsWell), degraded = collectors.Count(static collector => collector.State == "degraded"), absent = collectors.Count(static collector => collector.State == "not here");
        string verdict = bad == 0 ? $"All {collectors.Count - absent} collectors work" : $"{bad} of {collectors.Count} collectors {(bad == 1 ? "does" : "do")} not work";
        if (degraded > 0) verdict += $", {degraded} {(degraded == 1 ? "is" : "are")} degraded";
        if (absent > 0) verdict += $", {absent} {(absent == 1 ? "has" : "have")} nothing to read on this host";
        return verdict + ".";
    }

    private static void PrintProblem(TextWriter output, CollectorStatus collector)
    {
        output.WriteLine();
        output.WriteLine($"{collector.Name}: {collector.State}. {collector.Problem}");
        foreach (SourceStatus source in collector.Sources)
        {
            output.WriteLine($"  {source.Name}: {source.State}{(source.Error is { } error && error != collector.Problem ? $": {error}" : "")}");
            if (source is { State: "denied", Needs: { } right }) output.WriteLine($"    needs {right.Name}; an administrator grants it with: {right.Grant}");
        }
    }
}
