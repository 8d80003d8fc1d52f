namespace Weir.Agent.Recordings;

/// <summary>A file is no recording, or one that is damaged or too large; the message says which.</summary>
internal sealed class RecordingException(string message, Exception? inner = null) : Exception(message, inner);
