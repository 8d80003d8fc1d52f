namespace Weir.Scenarios.Oracle;

/// <summary>A fault of a plan.</summary>
/// <param name="AtMs">When, from the start of the run.</param>
/// <param name="Kind">What.</param>
/// <param name="Target">Which agent, by its place; taken modulo those that the fault can hit.</param>
/// <param name="DurationMs">For how long, or until the process starts again.</param>
/// <param name="Draw">Decides what the kind leaves open: which step, which byte, how far.</param>
internal sealed record PlannedFault(int AtMs, FaultKind Kind, int Target, int DurationMs, int Draw)
{
    /// <summary>The faults of a seed: the same for the same seed and length.</summary>
    public static IReadOnlyList<PlannedFault> Plan(int seed, int lengthMs)
    {
        var random = new Random(seed);
        FaultKind[] kinds = Enum.GetValues<FaultKind>();
        var plan = new List<PlannedFault>();
        for (int at = 1500; at < lengthMs; at += random.Next(150, 900))
            plan.Add(new PlannedFault(at, kinds[random.Next(kinds.Length)], random.Next(64), random.Next(50, 2500), random.Next()));
        return plan;
    }
}
