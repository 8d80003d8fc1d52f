namespace Weir.Bench.Reconnect;

/// <summary>What a run of <c>reconnect</c> saw. Times since its start.</summary>
internal sealed record ReconnectReport
{
    public required int Agents { get; init; }

    /// <summary>When the last agent was welcomed for the first time.</summary>
    public required TimeSpan ConnectedAt { get; init; }

    public required IReadOnlyList<Restart> Restarts { get; init; }

    public required IReadOnlyList<ConnectionEvent> Events { get; init; }

    /// <summary>When everything was acked.</summary>
    public required TimeSpan End { get; init; }

    /// <summary>Frames that the agents have spooled; all of them were acked.</summary>
    public required int Frames { get; init; }

    /// <summary>Samples stored, each once: all of those frames and no others.</summary>
    public required int StoredSamples { get; init; }

    /// <summary>Every attempt to connect, in order of time.</summary>
    public IReadOnlyList<Attempt> Attempts => field ??= Attempt.Of(Events);

    /// <summary>The most agents that were welcomed in one second when all came at once.</summary>
    public int WelcomedPerSecond => PeakPerSecond(Attempts.Where(attempt => attempt.At <= ConnectedAt).Select(static attempt => attempt.At));

    /// <summary>The attempts from a signal until the last agent was back.</summary>
    public IReadOnlyList<Attempt> AttemptsOf(Restart restart) => [.. Attempts.Where(attempt => attempt.At >= restart.AskedAt && attempt.At <= restart.BackAt)];

    /// <summary>The most moments that fall into one whole second.</summary>
    public static int PeakPerSecond(IEnumerable<TimeSpan> moments) =>
        moments.CountBy(static at => (long)at.TotalSeconds).Select(static second => second.Value).DefaultIfEmpty().Max();
}
