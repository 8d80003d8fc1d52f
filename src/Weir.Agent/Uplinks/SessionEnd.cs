namespace Weir.Agent.Uplinks;

/// <summary>How a session ended that did not fail.</summary>
/// <param name="Reason">For the log.</param>
/// <param name="ReconnectAfter">What the gateway asked to wait before the next connection; null where it did not say.</param>
internal readonly record struct SessionEnd(string Reason, TimeSpan? ReconnectAfter);
