namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>What an error of the event log means to whoever asked.</summary>
internal static class EventLogFailure
{
    /// <summary>The failure as an exception with its reason and what helps.</summary>
    /// <param name="call">The function.</param>
    /// <param name="channel">The channel.</param>
    /// <param name="error">Its last error; 0 where it failed without one.</param>
    public static SourceException Of(string call, string channel, int error) => error switch
    {
        // Wine's functions do nothing and say nothing.
        0 => new SourceException(FailureReason.NotHere, $"this system has no event log that can be read: {call} of {channel} answers nothing"),
        Wevtapi.AccessDenied => new SourceException(FailureReason.AccessDenied, $"channel {channel} cannot be read: the account needs {SourceRight.EventLogReaders.Name} ({SourceRight.EventLogReaders.Grant})"),
        Wevtapi.ChannelNotFound => new SourceException(FailureReason.NotHere, $"this host has no channel {channel}"),
        Wevtapi.ServerUnavailable => new SourceException(FailureReason.Error, $"the service of the event log does not answer: {call} of {channel} gives error {error}"),
        _ => new SourceException(FailureReason.Error, $"channel {channel} cannot be read: {call} gives error {error}"),
    };
}
