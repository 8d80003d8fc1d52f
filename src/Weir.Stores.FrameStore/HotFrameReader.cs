using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>Reads a frame out of the log and decodes it: the one place that turns a <see cref="FrameRef"/> into samples.</summary>
/// <remarks>Serves one thread and reuses its memory.</remarks>
internal sealed class HotFrameReader(BaselineCache baselines) : IDisposable
{
    private readonly FrameDecoder _decoder = new();
    private byte[] _buffer = [];
    private int _length;

    /// <summary>What stands for an error of the log among the names of <see cref="EntryError"/>.</summary>
    public const string LogError = "log";

    /// <summary>The samples of the frame read last.</summary>
    public DecodedFrame Frame { get; } = new();

    /// <summary>Its bytes, whether they decode or not; empty where the log did not give them.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Whether the frame that failed last is not what was sent: a copy of it may be whole. One that is as it was sent and does not decode never will.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Why the disk did not give the frame that failed last, which says nothing of the frame: it may be read later. Null otherwise.</summary>
    public LogException? NotGiven { get; private set; }

    /// <summary>Reads and decodes a frame.</summary>
    /// <param name="partition">Where it stands.</param>
    /// <param name="schema">Its series.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="header">Its header.</param>
    /// <returns>Null, or what failed.</returns>
    public string? TryRead(FrameStorePartition partition, Schema schema, in FrameRef frame, out EntryHeader header)
    {
        header = default;
        IsDamaged = false;
        NotGiven = null;
        _length = 0;
        if (_buffer.Length < frame.Length) _buffer = new byte[Math.Max(frame.Length, 64 * 1024)];
        Span<byte> bytes = _buffer.AsSpan(0, frame.Length);
        if (!TryRead(partition.Log(frame.LogClass), frame.Position, bytes))
        {
            IsDamaged = NotGiven is null;
            return LogError;
        }

        _length = frame.Length;
        EntryError error = EntryHeader.TryRead(bytes, out header);
        IsDamaged = error != EntryError.None;
        if (!IsDamaged) error = _decoder.Decode(bytes, header, schema, frame.Baseline is { } packed ? baselines.Get(packed) : null, Frame);
        return error == EntryError.None ? null : error.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    // What the disk does not give now is left out of this answer, and of no part.
    private bool TryRead(SegmentLog log, long position, Span<byte> bytes)
    {
        try
        {
            return log.TryReadAt(position, bytes);
        }
        catch (LogException e)
        {
            NotGiven = e;
            return false;
        }
    }
}
