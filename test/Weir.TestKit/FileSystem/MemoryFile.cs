namespace Weir.TestKit.FileSystem;

/// <summary>A file of <see cref="CrashFileSystem"/>: what programs see, what is durable, and the changes between.</summary>
internal sealed class MemoryFile
{
    private const int SectorBytes = 512;

    private readonly List<Change> _pending = [];
    private byte[] _durable = [];
    private bool _isUnknown;

    public byte[] Current { get; private set; } = [];

    /// <summary>Whether no flush has been asked for yet, carried out or left out.</summary>
    public bool HasNeverBeenFlushed { get; private set; } = true;

    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        // A write tears at sector boundaries.
        for (int from = 0; from < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - from, SectorBytes - ((offset + from) % SectorBytes));
            var change = new Change(offset + from, bytes.Slice(from, length).ToArray());
            _pending.Add(change);
            Current = Apply(Current, change);
            from += length;
        }
    }

    public void SetLength(int length)
    {
        var change = new Change(length, null);
        _pending.Add(change);
        Current = Apply(Current, change);
    }

    /// <summary>A flush was asked for.</summary>
    public void FlushAsked() => HasNeverBeenFlushed = false;

    public void Flush()
    {
        if (_isUnknown) foreach (Change change in _pending) _durable = Apply(_durable, change);
        else _durable = Current;
        _pending.Clear();
    }

    /// <summary>A flush fails as on a real system: some of it has reached the disk, and what has not counts as written from now on, so that no later flush makes it durable.</summary>
    public void FailFlush(Random random)
    {
        foreach (Change change in _pending)
            if (random.Next(2) == 0) _durable = Apply(_durable, change);
        _isUnknown = true;
        _pending.Clear();
    }

    public void Overwrite(ReadOnlySpan<byte> content)
    {
        _pending.Clear();
        _isUnknown = false;
        Current = _durable = content.ToArray();
    }

    public void Crash(Random random)
    {
        double kept = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
        foreach (Change change in _pending)
        {
            if (random.NextDouble() < kept) _durable = Apply(_durable, change);
            // The length may have reached the disk and the content not: zeros stand there.
            else if (change.Bytes is { } bytes && random.NextDouble() < 0.3) _durable = Apply(_durable, new Change(change.Offset + bytes.Length, null, GrowOnly: true));
        }

        Current = _durable;
        _isUnknown = false;
        _pending.Clear();
    }

    private static byte[] Apply(byte[] content, Change change)
    {
        int end = change.Bytes is { } bytes ? change.Offset + bytes.Length : change.Offset;
        bool cut = change.Bytes is null && !change.GrowOnly;
        var next = new byte[cut ? end : Math.Max(content.Length, end)];
        content.AsSpan(0, Math.Min(content.Length, next.Length)).CopyTo(next);
        change.Bytes?.CopyTo(next, change.Offset);
        return next;
    }

    /// <summary>Bytes at an offset; without bytes a new length.</summary>
    private readonly record struct Change(int Offset, byte[]? Bytes, bool GrowOnly = false);
}
