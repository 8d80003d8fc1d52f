namespace Weir.Agent.Identity;

/// <summary>The agent's data directory cannot be used; the message says why and what to do.</summary>
public sealed class AgentDataException(string message, Exception? inner = null) : IOException(message, inner);
