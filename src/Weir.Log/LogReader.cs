using Weir.Frames;

namespace Weir.Log;

/// <summary>Reads a log forward. Sees only what fsync has covered, so what stands at a position never changes.</summary>
/// <remarks>
/// Not thread-safe; any number of readers may read side by side. Damage in the middle is stepped over and counted; what the disk does not give now is not: the reader stays where it is.
/// </remarks>
public sealed class LogReader : IDisposable
{
    private readonly SegmentLog _log;
    private readonly LogReadMode _mode;
    private readonly ByteWriter _index = new();
    private List<(long From, long To)> _skipped = [];
    private byte[] _payload = [];
    private Segment? _segment;
    private BlockHeader _block;
    private int _row;
    private int _rowOffset;
    private long _payloadAt;

    internal LogReader(SegmentLog log, LogReadMode mode, long from)
    {
        _log = log;
        _mode = mode;
        Position = from;
    }

    /// <summary>Where the next entry is looked for.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes stepped over because no intact block stands there.</summary>
    public long SkippedBytes { get; private set; }

    /// <summary>The positions stepped over since the last call.</summary>
    public IReadOnlyList<(long From, long To)> TakeSkipped()
    {
        if (_skipped.Count == 0) return [];
        List<(long From, long To)> taken = _skipped;
        _skipped = [];
        return taken;
    }

    /// <summary>Reads the next entry.</summary>
    /// <returns>False at the durable end; there may be more later.</returns>
    /// <exception cref="LogException"><see cref="LogError.ReadFailed"/>: the disk does not give it now. The next call tries again.</exception>
    public bool TryRead(out LogEntry entry)
    {
        while (true)
        {
            if (_segment is null && !TryNextBlock())
            {
                entry = default;
                return false;
            }

            if (_row == _block.Count)
            {
                _segment = null;
                continue;
            }

            entry = ReadRow();
            if (entry.Position < Position) continue; // reading began in the middle of the block
            Position = entry.Next;
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _segment = null;

    private bool TryNextBlock()
    {
        while (true)
        {
            Segment? segment = _log.SegmentAt(Position, out long limit);
            if (segment is null) return false;
            if (!TryFindBlock(segment, limit, out long behind))
            {
                if (behind <= Position) return false;
                // A segment's header is not damage.
                SkippedBytes += Math.Max(0, behind - Math.Max(Position, segment.Start + BlockFormat.SegmentHeaderBytes));
                _skipped.Add((Position, behind));
                Position = behind;
                continue;
            }

            _segment = segment;
            _row = 0;
            _rowOffset = 0;
            _payloadAt = _block.PayloadPosition;
            return true;
        }
    }

    // Finds the block that holds Position, or the first one behind it. Walks headers where Position lies inside a block.
    private bool TryFindBlock(Segment segment, long limit, out long behind)
    {
        behind = limit;
        if (Position > segment.Start && segment.TryReadBlock(Position, limit, _index, out _block)) return true;
        long at = segment.Start + BlockFormat.SegmentHeaderBytes;
        while (at < limit)
        {
            if (segment.TryReadBlock(at, limit, _index, out _block))
            {
                if (_block.End > Position) return true;
                at = _block.End;
                continue;
            }

            long next = segment.FindBlock(at + 1, limit);
            if (next < 0) return false;
            if (next > Position)
            {
                behind = next;
                return false;
            }

            at = next;
        }

        return false;
    }

    private LogEntry ReadRow()
    {
        BlockRow row = BlockRow.Read(_index.Written[_rowOffset..]);
        int payloadLength = row.PayloadLength;
        int indexAt = _rowOffset + BlockFormat.RowBytes;
        long position = _payloadAt;
        bool damaged = _log.IsMarkedDamaged(position);
        ReadOnlyMemory<byte> payload = default;
        if (_mode == LogReadMode.Payloads && !damaged && position >= Position)
        {
            if (_payload.Length < payloadLength) _payload = new byte[Math.Max(payloadLength, 4096)];
            Span<byte> bytes = _payload.AsSpan(0, payloadLength);
            damaged = !_segment!.TryRead(position, bytes) || Crc32C.Compute(bytes) != row.PayloadCrc;
            if (!damaged) payload = _payload.AsMemory(0, payloadLength);
        }

        _rowOffset += row.Bytes;
        _payloadAt += payloadLength;
        _row++;

        return new LogEntry
        {
            Position = position,
            Next = _row == _block.Count ? _block.End : _payloadAt,
            Index = _index.WrittenMemory.Slice(indexAt, row.IndexLength),
            PayloadLength = payloadLength,
            Payload = payload,
            Damaged = damaged,
        };
    }
}
