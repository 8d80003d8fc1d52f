using Weir.Bench.Replay;
using Weir.Frames;

namespace Weir.Bench.Scale;

/// <summary>The entries of one host, made once: entries do not name their agent, so every host of a fleet can send the same bytes.</summary>
internal sealed class SampleHost : IDisposable
{
    /// <summary>Where fleets begin unless they say otherwise: a midnight, so that frames and hours are whole.</summary>
    public const long Midnight = 1_790_812_800_000;

    private readonly RecordingRows _rows;
    private readonly ProfileHistory _history;
    private readonly FrameBuilder _builder;
    private readonly FrameEncoder _encoder = new();
    private readonly EntryWriter _writer = new();
    private ulong _seq;
    private int _tick;

    /// <summary>Makes the objects; frames follow.</summary>
    /// <param name="rows">What the host measures.</param>
    /// <param name="ticks">Ticks in a frame.</param>
    /// <param name="firstMs">Its first tick, at a minute.</param>
    public SampleHost(RecordingRows rows, int ticks, long firstMs)
    {
        _rows = rows;
        FirstMs = firstMs;
        _history = new ProfileHistory(rows.Schema, 1000);
        for (int t = 0; t < ProfileHistory.MaxTicks; t++) _history.Add(firstMs - ((ProfileHistory.MaxTicks - t) * 1000L), rows.Values(t % rows.Ticks), rows.Present(t % rows.Ticks));
        _tick = ProfileHistory.MaxTicks;
        _builder = new FrameBuilder(rows.Schema, ticks);
        Opening =
        [
            Entry(EntryKind.Declaration, (byte)DeclarationKind.EpochStart, 0, new EpochStart { HostAttributes = [new("host.name", "scale"), new("os.type", "linux")] }.Encode()),
            .. rows.Schema.Parts.Select(part => part.Template).DistinctBy(static template => template.Id)
                .Select(template => Entry(EntryKind.Object, (byte)ObjectKind.Template, template.Id.Short, ObjectCodec.Pack(template.Canonical.Span))),
            Entry(EntryKind.Object, (byte)ObjectKind.Schema, rows.Schema.Id.Short, ObjectCodec.Pack(rows.Schema.Canonical.Span)),
        ];
    }

    /// <summary>Its first tick, Unix ms.</summary>
    public long FirstMs { get; }

    /// <summary>Time of the next tick, Unix ms.</summary>
    public long NextMs => FirstMs + ((_tick - ProfileHistory.MaxTicks) * 1000L);

    /// <summary>What opens its epoch: who it is, templates, schema.</summary>
    public IReadOnlyList<byte[]> Opening { get; }

    /// <summary>The entries of the next seconds: a baseline each five minutes, and frames.</summary>
    public List<byte[]> Next(int seconds)
    {
        var entries = new List<byte[]>();
        for (int end = _tick + seconds; _tick < end; _tick++)
        {
            if (_tick % ProfileHistory.MaxTicks == 0) entries.Add(NewBaseline());
            ReadOnlySpan<double> values = _rows.Values(_tick % _rows.Ticks);
            ReadOnlySpan<byte> present = _rows.Present(_tick % _rows.Ticks);
            _history.Add(NextMs, values, present);
            _builder.AddTick(NextMs, values, present);
            if (_builder.IsFull || _tick + 1 == end) entries.Add(_encoder.Seal(_builder, ++_seq, 0).ToArray());
        }

        return entries;
    }

    public void Dispose() => _encoder.Dispose();

    private byte[] NewBaseline()
    {
        Baseline baseline = _history.MakeBaseline();
        byte[] entry = Entry(EntryKind.Object, (byte)ObjectKind.Baseline, baseline.Id.Short, ObjectCodec.Pack(baseline.Canonical.Span));
        _builder.Baseline = baseline;
        return entry;
    }

    private byte[] Entry(EntryKind kind, byte form, ulong objectId, byte[] payload) =>
        _writer.Write(new EntryHeader { Kind = kind, Form = form, Seq = ++_seq, ObjectId = objectId, FirstMs = FirstMs }, payload).ToArray();
}
