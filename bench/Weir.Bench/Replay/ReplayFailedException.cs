namespace Weir.Bench.Replay;

/// <summary>The replay cannot go on, or what came of it is not what was sent; the message is for people.</summary>
internal sealed class ReplayFailedException(string message) : Exception(message);
