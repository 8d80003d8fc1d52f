namespace Weir.Frames;

/// <summary>Codes a strip, the columns of one host and schema over a stretch of ticks, as blocks of a few columns that are decoded alone.</summary>
/// <remarks>Reuses its memory. Not thread-safe. <c>docs/formats/strip.md</c> draws the bytes of a block.</remarks>
public sealed class StripEncoder : IDisposable
{
    /// <summary>Columns of a block. More share the coder's few bytes of state, fewer make a single series cheaper to read.</summary>
    private const int BlockColumns = 16;

    private readonly PlainCodec _plain = new();
    private readonly ByteWriter _bytes = new(64 * 1024);
    private readonly List<(int FirstSeries, int Series, int Start, int Length)> _blocks = [];
    private int[] _series = [];

    /// <summary>Blocks of the strip encoded last.</summary>
    public int BlockCount => _blocks.Count;

    /// <summary>Encodes a strip; the one before is forgotten.</summary>
    /// <param name="values">S x T values, series-major: all ticks of the first series, then of the second.</param>
    /// <param name="present">1 where a value is present, 0 where it is missing; same shape.</param>
    /// <param name="series">Series (S).</param>
    /// <param name="ticks">Ticks (T).</param>
    public void Encode(ReadOnlySpan<double> values, ReadOnlySpan<byte> present, int series, int ticks)
    {
        _bytes.Clear();
        _blocks.Clear();
        if (_series.Length < series) _series = [.. Enumerable.Range(0, series)];
        for (int first = 0; first < series; first += BlockColumns)
        {
            int columns = Math.Min(BlockColumns, series - first), start = _bytes.Length;
            ReadOnlySpan<byte> here = present.Slice(first * ticks, columns * ticks);
            int missing = here.Count((byte)0);
            _bytes.Varint((ulong)missing);
            _plain.Encode(values.Slice(first * ticks, columns * ticks), here, missing, _bytes);
            _blocks.Add((first, columns, start, _bytes.Length - start));
        }
    }

    /// <summary>The series in a block, in the order of its columns. Every series stands in one block.</summary>
    public ReadOnlySpan<int> SeriesOf(int block) => _series.AsSpan(_blocks[block].FirstSeries, _blocks[block].Series);

    /// <summary>The bytes of a block, valid until the next <see cref="Encode"/>.</summary>
    public ReadOnlySpan<byte> BytesOf(int block) => _bytes.Written.Slice(_blocks[block].Start, _blocks[block].Length);

    /// <inheritdoc/>
    public void Dispose() => _plain.Dispose();
}
