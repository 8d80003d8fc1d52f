namespace Weir.Agent.Collection;

/// <summary>A source that could not be read, with the reason that the tick's samples are declared under.</summary>
/// <param name="reason">Why, as the declaration says it.</param>
/// <param name="message">For people: what was asked of which source, what it answered, and what helps.</param>
internal sealed class SourceException(FailureReason reason, string message) : Exception(message)
{
    /// <summary>Why, as the declaration says it.</summary>
    public FailureReason Reason => reason;
}
