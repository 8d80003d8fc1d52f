namespace Weir.Frames;

/// <summary>Puts header and payload together into an entry.</summary>
/// <remarks>Reuses its memory; the result is valid until the next call. Not thread-safe.</remarks>
public sealed class EntryWriter
{
    private readonly ByteWriter _bytes = new(4096);
    private int _payloadStart;

    /// <summary>Writes an entry whose payload is at hand.</summary>
    /// <returns>The entry's bytes, valid until the next call.</returns>
    /// <exception cref="ArgumentException">The header contradicts itself, or the entry is larger than <see cref="FrameLimits.MaxEntryBytes"/>.</exception>
    public ReadOnlyMemory<byte> Write(in EntryHeader header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> traceContext = default)
    {
        Begin(header, traceContext);
        _bytes.Bytes(payload);
        return End(traceContext.Length);
    }

    /// <summary>Writes the header; the caller appends the payload to the returned writer and calls <see cref="End"/>.</summary>
    internal ByteWriter Begin(in EntryHeader header, ReadOnlySpan<byte> traceContext)
    {
        if (!header.IsConsistent()) throw new ArgumentException("the entry header contradicts itself", nameof(header));
        if (traceContext.Length is not (0 or EntryHeader.TraceContextBytes))
            throw new ArgumentException($"a trace context has {EntryHeader.TraceContextBytes} bytes", nameof(traceContext));
        _bytes.Clear();
        _payloadStart = header.Write(_bytes, traceContext);
        return _bytes;
    }

    internal ReadOnlyMemory<byte> End(int traceContextBytes)
    {
        if (_bytes.Length > FrameLimits.MaxEntryBytes)
            throw new ArgumentException($"the entry has {_bytes.Length} bytes, the limit is {FrameLimits.MaxEntryBytes}");
        EntryHeader.Seal(_bytes.WrittenFrom(0), _payloadStart, traceContextBytes);
        return _bytes.WrittenMemory;
    }
}
