namespace Weir.Agent.Services;

/// <summary>How a service stands.</summary>
/// <param name="State">One word of the system for it: <c>running</c>, <c>stopped</c>, <c>not installed</c>.</param>
/// <param name="IsRunning">Whether it measures.</param>
/// <param name="Details">More, a line each.</param>
internal sealed record ServiceReport(string State, bool IsRunning, IReadOnlyList<string> Details);
