using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>A subscription that is asked, not called: the records stay in the log until they are taken. Of each only provider and level are rendered.</summary>
internal sealed unsafe class EventSubscription : IEventSubscription
{
    private const int Batch = 64;
    private const int MaxRenderedBytes = 64 << 10;
    private const string ProviderPath = "Event/System/Provider/@Name", LevelPath = "Event/System/Level";

    // A subscription without a callback needs something to signal; nobody waits for it.
    private readonly ManualResetEvent _signal = new(initialState: false);
    private readonly string _channel;
    private readonly nint[] _events = new nint[Batch];
    private readonly nint _results;
    private readonly nint _context;
    private byte[] _buffer = new byte[1024];

    private EventSubscription(string channel)
    {
        _channel = channel;
        _results = Wevtapi.EvtSubscribe(0, _signal.SafeWaitHandle.DangerousGetHandle(), channel, "*", 0, null, null, Wevtapi.FutureEvents);
        int error = Marshal.GetLastPInvokeError();
        if (_results == 0)
        {
            Dispose();
            throw EventLogFailure.Of(nameof(Wevtapi.EvtSubscribe), channel, error);
        }

        // Only now: where there is nothing to read, wine ends the process at this call.
        fixed (char* provider = ProviderPath, level = LevelPath)
        {
            char** paths = stackalloc char*[2] { provider, level };
            _context = Wevtapi.EvtCreateRenderContext(2, paths, Wevtapi.ChosenValues);
        }

        error = Marshal.GetLastPInvokeError();
        if (_context != 0) return;
        Dispose();
        throw EventLogFailure.Of(nameof(Wevtapi.EvtCreateRenderContext), channel, error);
    }

    /// <summary>Opens a channel.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public static IEventSubscription Open(string channel) => new EventSubscription(channel);

    /// <inheritdoc/>
    public void Take(EventTally tally, int channel, int most)
    {
        for (int taken = 0; taken < most;)
        {
            int count = Next(Math.Min(Batch, most - taken));
            if (count == 0) return;
            taken += count;
            Count(tally, channel, count);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_context != 0) Wevtapi.EvtClose(_context);
        if (_results != 0) Wevtapi.EvtClose(_results);
        _signal.Dispose();
    }

    private int Next(int most)
    {
        uint returned = 0;
        fixed (nint* events = _events)
            if (Wevtapi.EvtNext(_results, (uint)most, events, 0, 0, &returned)) return (int)returned;
        int error = Marshal.GetLastPInvokeError();
        return error is Wevtapi.NoMoreItems or Wevtapi.Timeout or Wevtapi.InvalidOperation ? 0 : throw EventLogFailure.Of(nameof(Wevtapi.EvtNext), _channel, error);
    }

    // All of the batch is closed, also where a record cannot be rendered.
    private void Count(EventTally tally, int channel, int count)
    {
        try
        {
            for (int i = 0; i < count; i++) Count(tally, channel, _events[i]);
        }
        finally
        {
            for (int i = 0; i < count; i++) Wevtapi.EvtClose(_events[i]);
        }
    }

    private void Count(EventTally tally, int channel, nint record)
    {
        while (true)
        {
            uint used = 0, properties = 0;
            fixed (byte* buffer = _buffer)
            {
                if (Wevtapi.EvtRender(_context, record, Wevtapi.EventValues, (uint)_buffer.Length, buffer, &used, &properties))
                {
                    Count(tally, channel, new ReadOnlySpan<byte>(buffer, (int)Math.Min(used, (uint)_buffer.Length)), (Wevtapi.Value*)buffer, (int)properties);
                    return;
                }
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Wevtapi.InsufficientBuffer || used <= _buffer.Length || used > MaxRenderedBytes)
            {
                // A record that cannot be rendered was written all the same.
                tally.Add(channel, default, 0);
                return;
            }

            _buffer = new byte[used];
        }
    }

    private static void Count(EventTally tally, int channel, ReadOnlySpan<byte> rendered, Wevtapi.Value* values, int count)
    {
        ReadOnlySpan<char> provider = default;
        if (count > 0 && values[0].Type == Wevtapi.TypeString) provider = TextIn(rendered, (byte*)values, values[0].Text);
        tally.Add(channel, provider, count > 1 && values[1].Type == Wevtapi.TypeByte ? values[1].Byte : 0);
    }

    // The text stands behind the values in the same buffer; what points elsewhere is not followed.
    private static ReadOnlySpan<char> TextIn(ReadOnlySpan<byte> rendered, byte* start, char* text)
    {
        long offset = (byte*)text - start;
        if (offset < 0 || offset >= rendered.Length) return default;
        ReadOnlySpan<char> rest = MemoryMarshal.Cast<byte, char>(rendered[(int)offset..]);
        int end = rest.IndexOf('\0');
        return end < 0 ? rest : rest[..end];
    }
}
