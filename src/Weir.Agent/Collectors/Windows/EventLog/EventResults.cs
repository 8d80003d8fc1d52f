using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>Records of a channel, taken in batches: those that are there, or those that come.</summary>
/// <remarks>One thread at a time. The records of a batch are valid until the next.</remarks>
internal sealed unsafe class EventResults : IDisposable
{
    /// <summary>Most records of a batch.</summary>
    public const int MaxBatch = 64;

    // What is there is waited for; what comes is not.
    private const uint QueryTimeoutMs = 5000;

    private readonly string _channel;
    private readonly ManualResetEvent? _signal;
    private readonly nint _handle;
    private readonly nint[] _records = new nint[MaxBatch];
    private int _count;

    private EventResults(string channel)
    {
        _channel = channel;
        _handle = Wevtapi.EvtQuery(0, channel, "*", Wevtapi.NewestFirst);
        if (_handle == 0) throw EventLogFailure.Of(nameof(Wevtapi.EvtQuery), channel, Marshal.GetLastPInvokeError());
    }

    private EventResults(string channel, EventBookmark? behind)
    {
        _channel = channel;
        // A subscription without a callback needs something to signal; nobody waits for it.
        _signal = new ManualResetEvent(initialState: false);
        _handle = Wevtapi.EvtSubscribe(
            0, _signal.SafeWaitHandle.DangerousGetHandle(), channel, "*", behind?.Handle ?? 0, null, null, behind is null ? Wevtapi.FromOldest : Wevtapi.AfterBookmark);
        int error = Marshal.GetLastPInvokeError();
        if (_handle != 0) return;
        _signal.Dispose();
        throw EventLogFailure.Of(nameof(Wevtapi.EvtSubscribe), channel, error);
    }

    /// <summary>What a channel holds, the newest first.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static EventResults Newest(string channel) => new(channel);

    /// <summary>What a channel holds behind a record, and whatever comes.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="behind">The record; null: from the oldest on.</param>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static EventResults Behind(string channel, EventBookmark? behind) => new(channel, behind);

    /// <summary>Takes the next batch; empty where there is none for now.</summary>
    /// <param name="most">Most records of it, up to <see cref="MaxBatch"/>.</param>
    /// <param name="records">The records.</param>
    /// <returns>Zero, or the error of Windows: what was asked for is lost to this object, which is to be made anew.</returns>
    public int Next(int most, out ReadOnlySpan<nint> records)
    {
        Close();
        uint returned = 0;
        int error = 0;
        fixed (nint* into = _records)
            if (!Wevtapi.EvtNext(_handle, (uint)most, into, _signal is null ? QueryTimeoutMs : 0, 0, &returned)) error = Marshal.GetLastPInvokeError();
        _count = (int)returned;
        records = _records.AsSpan(0, _count);
        return error == Wevtapi.NoMoreItems || (_signal is not null && error is Wevtapi.Timeout or Wevtapi.InvalidOperation) ? 0 : error;
    }

    /// <summary>The failure of a batch.</summary>
    public SourceException FailureOf(int error) => EventLogFailure.Of(nameof(Wevtapi.EvtNext), _channel, error);

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        Wevtapi.EvtClose(_handle);
        _signal?.Dispose();
    }

    private void Close()
    {
        foreach (nint record in _records.AsSpan(0, _count)) Wevtapi.EvtClose(record);
        _count = 0;
    }
}
