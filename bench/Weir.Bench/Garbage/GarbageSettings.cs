namespace Weir.Bench.Garbage;

/// <summary>What is run.</summary>
/// <param name="Input">Recording in Prometheus text.</param>
/// <param name="Hosts">Hosts that one process replays.</param>
/// <param name="WarmUp">Not measured.</param>
/// <param name="Duration">Measured.</param>
/// <param name="Data">Where spools and files go.</param>
internal sealed record GarbageSettings(string Input, int Hosts, TimeSpan WarmUp, TimeSpan Duration, string Data);
