namespace Weir.Stores.FrameStore;

/// <summary>The frames of a group in chunks: growing neither copies what is there nor leaves garbage, however much is hot.</summary>
/// <remarks>Nearly every frame is added at the end; one that comes late is inserted, which moves all behind it. Not thread-safe.</remarks>
internal sealed class FrameList
{
    /// <summary>Frames of a chunk, 2 KiB: five minutes of a host that sends every five seconds.</summary>
    public const int ChunkFrames = 64;

    private const int LeastFrames = 4;

    // All full but the last one. The first begins small: many groups have few frames.
    private PackedFrame[][] _chunks = [];

    /// <summary>Frames held.</summary>
    public int Count { get; private set; }

    /// <summary>A frame, to be read or replaced.</summary>
    public ref PackedFrame this[int index] => ref _chunks[index / ChunkFrames][index % ChunkFrames];

    /// <summary>Adds a frame at the end.</summary>
    public void Add(in PackedFrame frame)
    {
        int chunk = Count / ChunkFrames, at = Count % ChunkFrames;
        if (chunk == _chunks.Length)
        {
            Array.Resize(ref _chunks, chunk + 1);
            _chunks[chunk] = new PackedFrame[chunk == 0 ? LeastFrames : ChunkFrames];
        }
        else if (at == _chunks[chunk].Length)
        {
            Array.Resize(ref _chunks[chunk], Math.Min(2 * at, ChunkFrames));
        }

        _chunks[chunk][at] = frame;
        Count++;
    }

    /// <summary>Inserts a frame before another.</summary>
    public void Insert(int index, PackedFrame frame)
    {
        Add(frame);
        for (int chunk = index / ChunkFrames, at = index % ChunkFrames; chunk < _chunks.Length; chunk++, at = 0)
        {
            // What falls off the end of a chunk goes to the start of the next.
            Span<PackedFrame> behind = _chunks[chunk].AsSpan(at..Math.Min(_chunks[chunk].Length, Count - (chunk * ChunkFrames)));
            PackedFrame last = behind[^1];
            behind[..^1].CopyTo(behind[1..]);
            behind[0] = frame;
            frame = last;
        }
    }

    /// <summary>Takes frames out, and gives back the chunks that are no longer needed.</summary>
    /// <returns>How many went.</returns>
    public int RemoveAll(Predicate<PackedFrame> match)
    {
        int kept = 0, before = Count;
        for (int i = 0; i < before; i++)
            if (!match(this[i])) this[kept++] = this[i];
        Count = kept;
        Array.Resize(ref _chunks, (kept + ChunkFrames - 1) / ChunkFrames);
        return before - kept;
    }
}
