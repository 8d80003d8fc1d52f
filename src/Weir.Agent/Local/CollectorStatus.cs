using Weir.Agent.Collectors;

namespace Weir.Agent.Local;

/// <summary>How a collector does.</summary>
internal sealed record CollectorStatus
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Its lane.</summary>
    public required string Lane { get; init; }

    /// <summary>Distance of its ticks in ms.</summary>
    public required long IntervalMs { get; init; }

    /// <summary><c>works</c>, <c>degraded</c> (a source or some series fail), <c>failed</c>, <c>paused</c> (failed too often), <c>stuck</c> (hangs beyond its deadline), <c>slow</c> (in its run, longer than an interval), <c>not here</c> (the host lacks what it reads, as many do) or <c>waiting</c> (has not run yet).</summary>
    public required string State { get; init; }

    /// <summary>Whether it does its work, if with less than it should.</summary>
    public bool IsWell => State is "works" or "degraded" or "not here" or "waiting";

    /// <summary>What is wrong, in words; null where nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>Series of the last run.</summary>
    public int Series { get; init; }

    /// <summary>Series of the last run that could not be read.</summary>
    public int FailedSeries { get; init; }

    /// <summary>Runs that came to an end.</summary>
    public long Runs { get; init; }

    /// <summary>Failed runs since the last good one.</summary>
    public long FailedRuns { get; init; }

    /// <summary>How long the last run took, ms.</summary>
    public double DurationMs { get; init; }

    /// <summary>Managed bytes that a run took on average.</summary>
    public long AllocatedBytesPerRun { get; init; }

    /// <summary>Its sources in order of preference.</summary>
    public IReadOnlyList<SourceStatus> Sources { get; init; } = [];

    /// <summary>Reads a slot's state. Any thread: figures may be of two neighbouring runs.</summary>
    public static CollectorStatus Of(CollectorSlot slot, LaneKind lane, TimeSpan interval)
    {
        var collector = slot.Collector as SourcedCollector;
        IReadOnlyList<SourceStatus> sources = collector is null ? [] : [.. Enumerable.Range(0, collector.Sources.Count).Select(source => Source(collector, source))];
        (int series, int failed, FailureReason? reason) = slot.Columns.Summary();
        (string state, string? problem) = Judge(slot, interval, sources, failed, reason);
        return new CollectorStatus
        {
            Name = slot.Collector.Name,
            Lane = LaneOptions.Of(lane).Name,
            IntervalMs = (long)interval.TotalMilliseconds,
            State = state,
            Problem = problem,
            Series = series,
            FailedSeries = failed,
            Runs = slot.Runs,
            FailedRuns = slot.FailedRuns,
            DurationMs = Math.Round(slot.Duration.TotalMilliseconds, 3),
            AllocatedBytesPerRun = slot.Runs > 0 ? slot.AllocatedBytes / slot.Runs : 0,
            Sources = sources,
        };
    }

    private static SourceStatus Source(SourcedCollector collector, int index)
    {
        CollectorSource source = collector.Sources[index];
        string state = collector.StateOf(index) switch
        {
            SourceState.Works => "works",
            SourceState.Failed when CollectorSlot.Classify(collector.ErrorOf(index)!) == FailureReason.AccessDenied => "denied",
            SourceState.Failed => "failed",
            SourceState.NotHere => "not here",
            _ => "unused",
        };
        return new SourceStatus(source.Name, state, collector.ErrorOf(index)?.Message ?? (state == "works" ? collector.Shortfall : null), source.Needs, source.PartlyNeeds);
    }

    private static (string State, string? Problem) Judge(CollectorSlot slot, TimeSpan interval, IReadOnlyList<SourceStatus> sources, int failedSeries, FailureReason? reason)
    {
        if (slot.State == SlotState.Stuck) return ("stuck", $"has not returned for {slot.RunningFor.TotalSeconds:0} s; its thread is given up to it");
        if (slot.State == SlotState.Running && slot.RunningFor > interval) return ("slow", $"has not returned for {slot.RunningFor.TotalSeconds:0.0} s");
        if (slot.Failure is { } failure)
            return (slot.Paused is null ? "failed" : "paused", $"{Words(failure)}: {slot.Problem} ({slot.FailedRuns} times in a row)");
        if (slot.Refusal is { } excess) return ("failed", $"{Words(FailureReason.Error)}: with it its group would have {excess}");
        if (slot.Runs == 0) return ("waiting", null);
        if (sources.FirstOrDefault(static source => source is { State: "works", Error: not null }) is { } lacking) return ("degraded", lacking.Error);
        if (sources.Count > 0 && sources.All(static source => source.State == "not here")) return ("not here", null);
        if (failedSeries > 0) return ("degraded", $"{failedSeries} series cannot be read: {Words(reason!.Value)}");
        SourceStatus? better = sources.FirstOrDefault(static source => source.State is "failed" or "denied");
        return better is null ? ("works", null) : ("degraded", $"{better.Name} fails: {better.Error}");
    }

    /// <summary>A reason in words.</summary>
    public static string Words(FailureReason reason) => reason switch
    {
        FailureReason.AccessDenied => "access denied",
        FailureReason.NotHere => "not on this host",
        FailureReason.Stuck => "it hangs",
        _ => "error",
    };
}
