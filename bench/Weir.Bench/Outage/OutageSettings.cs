namespace Weir.Bench.Outage;

/// <summary>How the benchmark <c>outage</c> runs.</summary>
/// <param name="Input">The recording that agents collect.</param>
/// <param name="Hours">How long the outage lasts.</param>
/// <param name="Agents">Agents that come out of it, one after another, behind one that warms up.</param>
/// <param name="SteadySeconds">How long each is watched once its backlog is gone.</param>
/// <param name="LinkBytesPerSecond">What the way to the gateway carries; 0: loopback as it is.</param>
/// <param name="Program">The agent: a <c>weir-agent.dll</c> or the native file; null: the one built from this repository.</param>
/// <param name="Directory">Where a temporary folder is made.</param>
internal sealed record OutageSettings(string Input, int Hours, int Agents, int SteadySeconds, int LinkBytesPerSecond, string? Program, string Directory);
