using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Codes a strip, the columns of one host and schema over a stretch of ticks, as blocks of a few columns that are decoded alone.</summary>
/// <remarks>
/// Each column is profiled by itself first, so nothing but its block is needed to read it. Reuses its memory: 17 B per value. Not thread-safe.
/// <c>docs/formats/strip.md</c> draws the bytes of a block.
/// </remarks>
public sealed class StripEncoder
{
    // More columns share the coder's few bytes of state, fewer make a single series cheaper to read. A column that stands still costs nothing to decode.
    private const int BlockColumns = 16;
    private const int StillBlockColumns = 128;

    private readonly ProfileMaker _maker = new();
    private readonly ProfiledEncoder _encoder = new();
    private readonly ProfileSet _whole = new();
    private readonly ProfileSet _block = new();
    private readonly ByteWriter _bytes = new(64 * 1024);
    private readonly List<(int First, int Count, int Start, int Length)> _blocks = [];
    private int[] _order = [];
    private int[] _places = [];
    private int[] _nextOfRoot = [];

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
        if (_order.Length < series) (_order, _places, _nextOfRoot) = (new int[series], new int[series], new int[series]);
        values = values[..(series * ticks)];
        present = present[..values.Length];
        _maker.Make(new ColumnSource(values, present, ticks, ticks, present.Count((byte)0), age: 0), baseIsFirst: true, _whole);
        int moving = Arrange(series);
        for (int at = 0; at < series;)
        {
            int count = Math.Min(at < moving ? BlockColumns : StillBlockColumns, (at < moving ? moving : series) - at);
            while (at + count < moving && _whole.Profiles[_order[at + count]].Twin >= 0) count++;
            EncodeBlock(values, present, ticks, at, count);
            at += count;
        }
    }

    /// <summary>The series in a block, in the order of its columns. Every series stands in one block.</summary>
    public ReadOnlySpan<int> SeriesOf(int block) => _order.AsSpan(_blocks[block].First, _blocks[block].Count);

    /// <summary>The bytes of a block, valid until the next <see cref="Encode"/>.</summary>
    public ReadOnlySpan<byte> BytesOf(int block) => _bytes.Written.Slice(_blocks[block].Start, _blocks[block].Length);

    // Moving series first, each with those that follow it; then those that stand still. Returns how many move.
    private int Arrange(int series)
    {
        ReadOnlySpan<SeriesProfile> profiles = _whole.Profiles;
        Span<int> tails = _places.AsSpan(0, series);
        for (int s = 0; s < series; s++)
        {
            // A chain through all followers of a root; its tail is found by way of the root.
            int root = _maker.RootOf(s);
            _nextOfRoot[s] = -1;
            if (root != s) _nextOfRoot[tails[root]] = s;
            tails[root] = s;
        }

        int at = 0;
        for (int s = 0; s < series; s++)
        {
            if (profiles[s].Constant || _maker.RootOf(s) != s) continue;
            for (int member = s; member >= 0; member = _nextOfRoot[member]) _order[at++] = member;
        }

        int moving = at;
        for (int s = 0; s < series; s++)
            if (profiles[s].Constant) _order[at++] = s;
        for (int i = 0; i < series; i++) _places[_order[i]] = i;
        return moving;
    }

    private void EncodeBlock(ReadOnlySpan<double> values, ReadOnlySpan<byte> present, int ticks, int first, int count)
    {
        int start = _bytes.Length, missing = 0;
        ReadOnlySpan<int> order = _order.AsSpan(first, count);
        foreach (int series in order) missing += present.Slice(series * ticks, ticks).Count((byte)0);
        _bytes.Varint((ulong)missing);
        Span<SeriesProfile> profiles = _block.Reset(count);
        for (int i = 0; i < count; i++)
        {
            profiles[i] = _whole.Profiles[order[i]];
            if (profiles[i].Twin >= 0) profiles[i].Twin = _places[profiles[i].Twin] - first;
            ProfileCodec.Write(_bytes, profiles[i], i, anchored: true);
        }

        _block.Complete();
        _encoder.Encode(_block, new ColumnSource(values, present, ticks, ticks, missing, age: 0, order), _bytes);
        _blocks.Add((first, count, start, _bytes.Length - start));
    }
}
