using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Decodes blocks of strips.</summary>
/// <remarks>One instance serves one thread and reuses its memory. Any bytes are safe input.</remarks>
public sealed class StripDecoder
{
    private readonly ProfileSet _profiles = new();
    private readonly ProfiledDecoder _decoder = new();

    /// <summary>Decodes one block.</summary>
    /// <param name="block">Its bytes, as <see cref="StripEncoder.BytesOf"/> gave them.</param>
    /// <param name="columns">How many columns it has.</param>
    /// <param name="ticks">Ticks of the strip.</param>
    /// <param name="values">Receives columns x ticks values, column-major; zero at a missing place; undefined after a failure.</param>
    /// <param name="present">Receives 1 where a value is present, 0 where it is missing; same shape.</param>
    /// <returns>Whether the bytes are a block of this shape.</returns>
    public bool TryDecode(ReadOnlySpan<byte> block, int columns, int ticks, Span<double> values, Span<byte> present)
    {
        var reader = new ByteReader(block);
        int cells = columns * ticks, missing = reader.Count(cells);
        if (!ProfileCodec.TryRead(ref reader, columns, anchored: true, _profiles)) return false;
        _profiles.Complete();
        return _decoder.TryDecode(_profiles, reader.Rest, ticks, missing, age: 0, values[..cells], present[..cells]);
    }
}
