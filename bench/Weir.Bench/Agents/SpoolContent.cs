using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Bench.Agents;

/// <summary>What the spool of an agent holds, acked entries included: they stay until their room is needed.</summary>
internal sealed class SpoolContent
{
    private readonly List<SpooledEntry> _frames = [];
    private readonly List<Tombstone> _tombstones = [];
    private readonly List<EpochStart> _starts = [];

    /// <summary>Segments of the spool.</summary>
    public int Segments { get; private init; }

    /// <summary>Bytes of these on disk.</summary>
    public long Bytes { get; private init; }

    /// <summary>Its frames in order, damaged ones included.</summary>
    public IReadOnlyList<SpooledEntry> Frames => _frames;

    /// <summary>Its tombstones in order.</summary>
    public IReadOnlyList<Tombstone> Tombstones => _tombstones;

    /// <summary>The starts of its epochs in order.</summary>
    public IReadOnlyList<EpochStart> Starts => _starts;

    /// <summary>Samples of its frames.</summary>
    public long Samples => _frames.Sum(static frame => (long)frame.Header.SampleCount);

    /// <summary>Reads the spool in a data directory that no agent uses.</summary>
    public static async Task<SpoolContent> ReadAsync(string data)
    {
        SpoolInspection spool = SpoolInspection.Open(new PhysicalFileSystem(), data);
        await using (spool)
        {
            List<SpoolSegmentReport> segments = spool.Segments();
            var content = new SpoolContent { Segments = segments.Count, Bytes = segments.Sum(static segment => segment.Segment.Bytes) };
            foreach ((SpooledEntry entry, byte[] bytes, bool isDamaged) in spool.Entries()) content.Add(entry, bytes, isDamaged);
            return content;
        }
    }

    private void Add(in SpooledEntry entry, byte[] bytes, bool isDamaged)
    {
        if (entry.Header.Kind == EntryKind.Samples) _frames.Add(entry);
        if (isDamaged) return;
        ReadOnlySpan<byte> payload = bytes.AsSpan(entry.Header.HeaderBytes);
        if (entry.Header.Kind == EntryKind.Tombstone && Tombstone.TryDecode(payload) is { } tombstone) _tombstones.Add(tombstone);
        if (entry.Header is { Kind: EntryKind.Declaration, Form: (byte)DeclarationKind.EpochStart } && EpochStart.TryDecode(payload) is { } start) _starts.Add(start);
    }
}
