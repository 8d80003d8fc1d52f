using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>The numbers of a channel's records in its own log, which has them without a gap.</summary>
/// <param name="Oldest">That of the oldest.</param>
/// <param name="Newest">That of the newest.</param>
internal readonly record struct EventNumbers(long Oldest, long Newest)
{
    /// <summary>Asks the log; none of its records is read.</summary>
    /// <exception cref="SourceException">It cannot be asked.</exception>
    public static EventNumbers Of(string channel)
    {
        nint log = Wevtapi.EvtOpenLog(0, channel, Wevtapi.ChannelPath);
        if (log == 0) throw EventLogFailure.Of(nameof(Wevtapi.EvtOpenLog), channel, Marshal.GetLastPInvokeError());
        try
        {
            long oldest = Property(log, channel, Wevtapi.LogOldestRecord);
            return new EventNumbers(oldest, oldest + Property(log, channel, Wevtapi.LogRecords) - 1);
        }
        finally
        {
            Wevtapi.EvtClose(log);
        }
    }

    private static unsafe long Property(nint log, string channel, uint property)
    {
        Wevtapi.Value value;
        uint used = 0;
        if (!Wevtapi.EvtGetLogInfo(log, property, (uint)sizeof(Wevtapi.Value), &value, &used)) throw EventLogFailure.Of(nameof(Wevtapi.EvtGetLogInfo), channel, Marshal.GetLastPInvokeError());
        return (long)value.Number;
    }
}
