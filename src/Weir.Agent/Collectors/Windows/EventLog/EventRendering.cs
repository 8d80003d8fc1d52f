using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>Reads some values of records, by their paths, into a buffer that is kept.</summary>
/// <remarks>One thread at a time. Values are those of the last record, valid until the next. Allocates only where a record needs more room than any before.</remarks>
internal sealed unsafe class EventRendering : IDisposable
{
    private const int MaxBytes = 64 << 10;

    private readonly nint _context;
    private byte[] _buffer = new byte[1024];
    private int _used;
    private int _count;

    /// <summary>Makes one. Not before there is something to read: wine ends the process here.</summary>
    /// <param name="channel">The channel, for the message of a failure.</param>
    /// <param name="paths">The values, as in <c>Event/System/Level</c>.</param>
    /// <exception cref="SourceException">The system refuses.</exception>
    public EventRendering(string channel, params ReadOnlySpan<string> paths)
    {
        nint* texts = stackalloc nint[paths.Length];
        try
        {
            for (int i = 0; i < paths.Length; i++) texts[i] = Marshal.StringToHGlobalUni(paths[i]);
            _context = Wevtapi.EvtCreateRenderContext((uint)paths.Length, (char**)texts, Wevtapi.ChosenValues);
            int error = Marshal.GetLastPInvokeError();
            if (_context == 0) throw EventLogFailure.Of(nameof(Wevtapi.EvtCreateRenderContext), channel, error);
        }
        finally
        {
            for (int i = 0; i < paths.Length; i++) Marshal.FreeHGlobal(texts[i]);
        }
    }

    /// <summary>Reads a record; false where it cannot be, or needs more than 64 KiB.</summary>
    public bool TryRender(nint record)
    {
        while (true)
        {
            uint used = 0, count = 0;
            fixed (byte* buffer = _buffer)
            {
                if (Wevtapi.EvtRender(_context, record, Wevtapi.EventValues, (uint)_buffer.Length, buffer, &used, &count))
                {
                    _used = (int)Math.Min(used, (uint)_buffer.Length);
                    _count = (int)Math.Min(count, (uint)_used / (uint)sizeof(Wevtapi.Value));
                    // The texts' addresses are of this place of the buffer, which may move: they become offsets.
                    Relocate(buffer);
                    return true;
                }
            }

            int error = Marshal.GetLastPInvokeError();
            _count = 0;
            if (error != Wevtapi.InsufficientBuffer || used <= _buffer.Length || used > MaxBytes) return false;
            _buffer = new byte[used];
        }
    }

    /// <summary>A value of the last record; null where it has none of that type.</summary>
    public Wevtapi.Value? ValueOf(int value, uint type)
    {
        if (value >= _count) return null;
        ref readonly Wevtapi.Value it = ref Values[value];
        return it.Type == type ? it : null;
    }

    /// <summary>A text of the last record; empty where it has none.</summary>
    public ReadOnlySpan<char> TextOf(int value)
    {
        // The text stands behind the values in the same buffer; what points elsewhere is not followed.
        if (ValueOf(value, Wevtapi.TypeString) is not { } it || it.Number >= (ulong)_used) return default;
        ReadOnlySpan<char> rest = MemoryMarshal.Cast<byte, char>(_buffer.AsSpan((int)it.Number, _used - (int)it.Number));
        int end = rest.IndexOf('\0');
        return end < 0 ? rest : rest[..end];
    }

    /// <inheritdoc/>
    public void Dispose() => Wevtapi.EvtClose(_context);

    private Span<Wevtapi.Value> Values => MemoryMarshal.Cast<byte, Wevtapi.Value>(_buffer.AsSpan())[.._count];

    private void Relocate(byte* buffer)
    {
        foreach (ref Wevtapi.Value value in Values)
            if (value.Type == Wevtapi.TypeString) value.Number -= (ulong)buffer;
    }
}
