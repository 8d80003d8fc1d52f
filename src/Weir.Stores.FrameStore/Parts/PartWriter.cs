using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Writes a part: host by host, group by group, strip by strip, so that memory holds one strip and the directory of one host.</summary>
/// <remarks>
/// The file stands under a draft's name until it is whole and flushed; <see cref="Publish"/> gives it its name, durably. It
/// counts from the moment that a manifest names it. Disposed before, it leaves nothing behind. Not thread-safe.
/// </remarks>
internal sealed class PartWriter : IDisposable
{
    private const int BufferBytes = 256 * 1024;
    private const int MaxPendingUnreadableBytes = 16 << 20;

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly PartHeader _header;
    private readonly IFile _file;
    private readonly ByteWriter _buffer = new(BufferBytes);
    private readonly ByteWriter _hosts = new();
    private readonly ByteWriter _groups = new();
    private readonly ByteWriter _stripBytes = new();
    private readonly List<Schema> _schemas = [];
    private readonly Dictionary<ContentId, int> _schemaIndexes = [];
    private readonly List<PartStrip> _strips = [];
    private readonly List<(UnreadableFrame Frame, byte[] Bytes)> _pending = [];
    private readonly List<UnreadableFrame> _unreadable = [];
    private HostTotals _host;
    private long _written;
    private long _directoryStart;
    private readonly SortedSet<int> _directorySchemas = [];
    private int _groupCount;
    private int _rows;
    private long _samples;
    private ulong _digest;
    private long _firstMs = long.MaxValue;
    private long _lastMs;
    private bool _published;

    /// <summary>Begins a part.</summary>
    /// <exception cref="IOException">The file cannot be made.</exception>
    public PartWriter(IFileSystem files, string directory, long number, long hourMs)
    {
        _files = files;
        _directory = directory;
        _header = new PartHeader(number, hourMs);
        Path = System.IO.Path.Combine(directory, PartFormat.FileName(number));
        if (files.FileExists(DraftPath)) files.Delete(DraftPath);
        _file = files.Create(DraftPath);
        _header.Write(_buffer.Reserve(PartHeader.Bytes));
        _buffer.Advance(PartHeader.Bytes);
    }

    /// <summary>The file's name once it is published.</summary>
    public string Path { get; }

    /// <summary>Whether nothing has been put in yet.</summary>
    public bool IsEmpty => _rows == 0 && _groupCount == 0 && _unreadable.Count == 0 && _pending.Count == 0;

    private string DraftPath => Path + PartFormat.DraftSuffix;

    private long Position => _written + _buffer.Length;

    /// <summary>Takes the room for the whole file beforehand.</summary>
    /// <param name="bytes">What it may become.</param>
    /// <param name="beside">What must be free beside it.</param>
    /// <exception cref="IOException">There is none.</exception>
    public void TakeRoom(long bytes, long beside)
    {
        _file.Allocate(bytes + beside);
        _file.SetLength(bytes);
    }

    /// <summary>Begins a host.</summary>
    public void BeginHost(string tenant, AgentId agent, IReadOnlyList<SeriesAttribute> attributes)
    {
        _host = new HostTotals(tenant, agent, attributes);
        BeginDirectory();
    }

    /// <summary>Writes a strip that was just encoded into the current group.</summary>
    public void AddStrip(AxisFrame[] axis, int ticks, StripEncoder encoder)
    {
        var blocks = new PartBlock[encoder.BlockCount];
        for (int b = 0; b < blocks.Length; b++) blocks[b] = AddBlock(encoder.SeriesOf(b).ToArray(), encoder.BytesOf(b));
        AddStrip(new PartStrip(axis, ticks, blocks));
    }

    /// <summary>Writes a block; its strip follows with <see cref="AddStrip(PartStrip)"/>.</summary>
    public PartBlock AddBlock(int[] series, ReadOnlySpan<byte> bytes)
    {
        var block = new PartBlock(series, Position, bytes.Length, Crc32C.Compute(bytes));
        Append(bytes);
        return block;
    }

    /// <summary>Takes a strip whose blocks have been added one after the other.</summary>
    public void AddStrip(PartStrip strip) => _strips.Add(strip);

    /// <summary>Ends a group: what has been added since the last becomes the host's samples of a schema.</summary>
    public void EndGroup(Schema schema, WindowSums windows)
    {
        if (_strips.Count == 0) return;
        if (!_schemaIndexes.TryGetValue(schema.Id, out int index))
        {
            _schemaIndexes[schema.Id] = index = _schemas.Count;
            _schemas.Add(schema);
        }

        long newest = 0;
        int interval = 0;
        foreach (PartStrip strip in _strips)
        {
            _firstMs = Math.Min(_firstMs, strip.FirstMs);
            newest = Math.Max(newest, strip.LastMs);
            foreach (AxisFrame frame in strip.Axis)
                if (frame.IntervalMs > 0) interval = frame.IntervalMs;
        }

        _samples += windows.Samples;
        _digest += windows.Digest;
        _lastMs = Math.Max(_lastMs, newest);
        _host.Groups.Add((newest, schema.SeriesCount, interval));
        WriteGroup(index, windows.ToArray());
        _strips.Clear();
    }

    /// <summary>Keeps the bytes of a frame that cannot be decoded.</summary>
    public void AddUnreadable(UnreadableFrame frame, ReadOnlySpan<byte> bytes)
    {
        _pending.Add((frame, bytes.ToArray()));
        if (_strips.Count == 0 && _pending.Sum(static pending => (long)pending.Bytes.Length) > MaxPendingUnreadableBytes) EndDirectory();
    }

    /// <summary>Ends a host.</summary>
    public void EndHost() => EndDirectory();

    /// <summary>Writes what remains and makes the file durable, still under its draft's name.</summary>
    /// <returns>What a manifest says of it.</returns>
    /// <exception cref="PartLimitException">It could not be read again.</exception>
    public PartInfo Finish(long madeMs)
    {
        long firstMs = _firstMs == long.MaxValue ? _header.HourMs : _firstMs, lastMs = Math.Max(_lastMs, firstMs);
        var table = new ByteWriter(_hosts.Length + 10);
        table.Varint((ulong)_rows);
        table.Bytes(_hosts.Written);
        var footer = new PartFooter
        {
            Number = _header.Number,
            HourMs = _header.HourMs,
            Samples = _samples,
            Digest = _digest,
            FirstMs = firstMs,
            LastMs = lastMs,
            Objects = AddSection(PartObjects.Write(_schemas), "objects", PartFormat.MaxSectionBytes),
            Hosts = AddSection(table.Written, "hosts", PartFormat.MaxSectionBytes),
            UnreadableFrames = AddSection(UnreadableFrame.WriteList(_unreadable), "undecodable frames", PartFormat.MaxSectionBytes),
        };
        footer.Write(_buffer.Reserve(PartFooter.Bytes));
        _buffer.Advance(PartFooter.Bytes);
        FlushBuffer();
        if (_file.Length > _written) _file.SetLength(_written);
        _file.Flush();
        _file.Dispose();
        return new PartInfo
        {
            Number = _header.Number, HourMs = _header.HourMs, MadeMs = madeMs, Bytes = _written, Samples = _samples, Digest = _digest, FirstMs = firstMs, LastMs = lastMs,
        };
    }

    /// <summary>Gives the finished file its name, durably.</summary>
    public void Publish()
    {
        _files.Rename(DraftPath, Path);
        _published = true;
        _files.SyncDirectory(_directory);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (_published) return;
        try
        {
            if (_files.FileExists(DraftPath)) _files.Delete(DraftPath);
        }
        catch (IOException)
        {
            // What stays behind is a draft: the next part of this number or the next start deletes it.
        }
    }

    // A directory ends with the strip that fills it, and a strip describes itself in a small share of what a directory may take: none outgrows its reader.
    private void WriteGroup(int schemaIndex, WindowSum[] windows)
    {
        int first = 0;
        _stripBytes.Clear();
        for (int i = 0; i < _strips.Count; i++)
        {
            HostDirectoryCodec.WriteStrip(_stripBytes, _strips[i], _header.HourMs);
            bool isLast = i == _strips.Count - 1;
            if (!isLast && _groups.Length + _stripBytes.Length < PartFormat.FullDirectoryBytes) continue;
            HostDirectoryCodec.WriteGroup(_groups, schemaIndex, first == 0 ? windows : [], i + 1 - first);
            _groups.Bytes(_stripBytes.Written);
            _stripBytes.Clear();
            _groupCount++;
            _directorySchemas.Add(schemaIndex);
            // Behind the rest of a group that was split, blocks no longer follow: what comes next needs a directory of its own.
            if (!isLast || first > 0 || _groups.Length >= PartFormat.FullDirectoryBytes || _directorySchemas.Count == PartHostRow.MaxSchemas) EndDirectory();
            first = i + 1;
            if (!isLast) _directoryStart = _strips[first].Blocks[0].Offset;
        }
    }

    private void BeginDirectory()
    {
        _groups.Clear();
        _groupCount = 0;
        _directorySchemas.Clear();
        _directoryStart = Position;
    }

    private void EndDirectory()
    {
        if (_groupCount > 0)
        {
            var raw = new ByteWriter(_groups.Length + 20);
            raw.Varint((ulong)_directoryStart);
            raw.Varint((ulong)_groupCount);
            raw.Bytes(_groups.Written);
            PartSection directory = AddSection(raw.Written, "directory", PartFormat.MaxDirectoryBytes);
            _host.Row(directory, [.. _directorySchemas]).Write(_hosts, _header.HourMs);
            _rows++;
        }

        foreach ((UnreadableFrame frame, byte[] bytes) in _pending)
        {
            _unreadable.Add(frame with { Offset = Position, Length = bytes.Length, Crc = Crc32C.Compute(bytes) });
            Append(bytes);
        }

        _pending.Clear();
        BeginDirectory();
    }

    private PartSection AddSection(ReadOnlySpan<byte> raw, string name, int maxBytes)
    {
        if (raw.Length > maxBytes) throw new PartLimitException(Path, name, raw.Length, maxBytes);
        byte[] packed = PartSection.Pack(raw);
        var section = new PartSection(Position, packed.Length, Crc32C.Compute(packed));
        Append(packed);
        return section;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_buffer.Length + bytes.Length > BufferBytes) FlushBuffer();
        _buffer.Bytes(bytes);
    }

    private void FlushBuffer()
    {
        if (_buffer.Length == 0) return;
        _file.Write(_written, _buffer.Written);
        _written += _buffer.Length;
        _buffer.Clear();
    }

    /// <summary>What is known of the host being written.</summary>
    private readonly record struct HostTotals(string Tenant, AgentId Agent, IReadOnlyList<SeriesAttribute> Attributes)
    {
        // A schema that was replaced keeps its samples but no longer counts.
        private const long AliveMs = 300_000;

        public List<(long NewestMs, int Series, int IntervalMs)> Groups { get; } = [];

        public PartHostRow Row(PartSection directory, int[] schemas)
        {
            long newest = Groups.Max(static group => group.NewestMs);
            int[] intervals = [.. Groups.Where(static group => group.IntervalMs > 0).Select(static group => group.IntervalMs)];
            return new PartHostRow
            {
                Tenant = Tenant,
                Agent = Agent,
                Attributes = Attributes,
                Directory = directory,
                Schemas = schemas,
                NewestMs = newest,
                Series = Groups.Where(group => group.NewestMs >= newest - AliveMs).Sum(static group => group.Series),
                IntervalMs = intervals.Length == 0 ? 0 : intervals.Min(),
            };
        }
    }
}
