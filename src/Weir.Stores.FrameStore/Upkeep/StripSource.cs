using Weir.Frames;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore.Upkeep;

/// <summary>The columns of a strip, series-major.</summary>
internal sealed record StripColumns(double[] Values, byte[] Present);

/// <summary>A strip that is being merged: decoded when its first frame is wanted, forgotten behind its last.</summary>
/// <remarks>Strips of one group hardly overlap, so one or two are decoded at a time. Not thread-safe.</remarks>
internal sealed class StripSource(PartReader reader, PartStrip strip, Exclusion[] exclusions)
{
    private readonly StripDecoder _decoder = new();
    private StripColumns? _columns;

    /// <summary>The strip.</summary>
    public PartStrip Strip => strip;

    /// <summary>What of its host is out of sight.</summary>
    public Exclusion[] Exclusions => exclusions;

    /// <summary>Frames that have not been taken yet.</summary>
    public int FramesLeft { get; set; }

    /// <summary>Its columns, without what is excluded.</summary>
    /// <exception cref="PartDamagedException">A block is damaged.</exception>
    public StripColumns Open(Schema schema)
    {
        if (_columns is not null) return _columns;
        int ticks = strip.Ticks;
        var values = new double[schema.SeriesCount * ticks];
        var present = new byte[values.Length];
        double[] blockValues = [];
        byte[] blockPresent = [];
        foreach (PartBlock block in strip.Blocks)
        {
            int cells = block.Series.Length * ticks;
            if (blockValues.Length < cells) (blockValues, blockPresent) = (new double[cells], new byte[cells]);
            if (!reader.TryDecodeBlock(_decoder, strip, block, blockValues, blockPresent)) throw new PartDamagedException(reader.Part, PartDamage.Block);
            for (int i = 0; i < block.Series.Length; i++)
            {
                blockValues.AsSpan(i * ticks, ticks).CopyTo(values.AsSpan(block.Series[i] * ticks));
                blockPresent.AsSpan(i * ticks, ticks).CopyTo(present.AsSpan(block.Series[i] * ticks));
            }
        }

        foreach (Exclusion exclusion in exclusions) Hide(exclusion, schema, present);
        return _columns = new StripColumns(values, present);
    }

    /// <summary>A frame has been taken.</summary>
    public void Done()
    {
        if (--FramesLeft == 0) _columns = null;
    }

    private void Hide(Exclusion exclusion, Schema schema, byte[] present)
    {
        var times = new long[strip.Ticks];
        strip.CopyTimes(times);
        for (int s = 0; s < schema.SeriesCount; s++)
            if (exclusion.Concerns(schema.SeriesHashes[s])) exclusion.Hide(times, present.AsSpan(s * times.Length, times.Length));
    }
}
