namespace Weir.Bench.Reconnect;

/// <summary>One attempt to connect.</summary>
/// <param name="At">When it began.</param>
/// <param name="Agent">The agent's index.</param>
/// <param name="Spacing">Time since this agent's attempt or connection before it ended; null for the first.</param>
/// <param name="Took">Time until it had failed or the gateway welcomed the agent.</param>
/// <param name="Failure">Why it did not come to a connection; null where the gateway welcomed the agent.</param>
internal readonly record struct Attempt(TimeSpan At, int Agent, TimeSpan? Spacing, TimeSpan Took, string? Failure)
{
    /// <summary>The attempts in a recording, in order of time. One that was under way at its end is left out.</summary>
    public static IReadOnlyList<Attempt> Of(IReadOnlyList<ConnectionEvent> events)
    {
        var attempts = new List<Attempt>();
        foreach (IGrouping<int, ConnectionEvent> agent in events.GroupBy(static each => each.Agent))
        {
            TimeSpan? ended = null;
            Attempt? open = null;
            foreach (ConnectionEvent each in agent)
            {
                if (each.Step == ConnectionStep.Attempted) open = new Attempt(each.At, each.Agent, each.At - ended, TimeSpan.Zero, null);
                else if (open is { } attempt)
                {
                    attempts.Add(attempt with { Took = each.At - attempt.At, Failure = each.Step == ConnectionStep.Welcomed ? null : each.Reason });
                    open = null;
                }

                if (each.Step == ConnectionStep.Ended) ended = each.At;
            }
        }

        attempts.Sort(static (a, b) => a.At.CompareTo(b.At));
        return attempts;
    }
}
