using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Replay;

/// <summary>What a gateway has acked of one agent and epoch; checks each entry as it comes.</summary>
internal sealed class ReceivedHost
{
    private readonly Dictionary<ContentId, Template> _templates = [];
    private readonly Dictionary<ulong, Schema> _schemas = [];
    private readonly Dictionary<ulong, Baseline> _baselines = [];
    private readonly HashSet<ulong> _seqs = [];
    private readonly FrameDecoder _decoder = new();
    private readonly DecodedFrame _frame = new();

    public EpochStart? Start { get; private set; }

    public List<int> FrameTicks { get; } = [];

    /// <summary>Bits of each value by series and time.</summary>
    public Dictionary<(string Series, long TimeMs), ulong> Samples { get; } = [];

    /// <summary>Samples and digest declared per window, less those of the frames received.</summary>
    public Dictionary<long, (long Samples, ulong Digest)> Undeclared { get; } = [];

    /// <summary>Whether the seqs run from 1 without a gap.</summary>
    public bool IsGapFree => _seqs.Count > 0 && _seqs.Max() == (ulong)_seqs.Count;

    /// <summary>Takes an entry that will be acked.</summary>
    public void Add(ReadOnlySpan<byte> entry, in EntryHeader header)
    {
        bool known = !_seqs.Add(header.Seq);
        ReadOnlySpan<byte> payload = entry[header.HeaderBytes..];
        switch (header.Kind)
        {
            case EntryKind.Declaration when header.Form == (byte)DeclarationKind.EpochStart:
                Assert.Equal(1u, header.Seq);
                Start = EpochStart.TryDecode(payload);
                break;
            case EntryKind.Declaration:
                var declared = WindowDeclaration.TryDecode(payload);
                Assert.NotNull(declared);
                Account(header.FirstMs, declared.Sent, declared.Digest);
                break;
            case EntryKind.Object:
                AddObject(header, payload);
                break;
            default:
                Assert.Equal(EntryKind.Samples, header.Kind);
                Assert.False(known, "a frame was acked twice");
                AddFrame(entry, header);
                break;
        }
    }

    /// <summary>Whether the object that a frame names is there.</summary>
    public bool Knows(ulong objectId) => _schemas.ContainsKey(objectId) || _baselines.ContainsKey(objectId);

    private void AddObject(in EntryHeader header, ReadOnlySpan<byte> payload)
    {
        byte[]? canonical = ObjectCodec.TryUnpack(payload);
        Assert.NotNull(canonical);
        if (header.Form == (byte)ObjectKind.Template)
        {
            var template = Template.TryParse(canonical);
            Assert.NotNull(template);
            Assert.Equal(NamingRule.Prometheus, template.Naming);
            Assert.Equal(template.Id.Short, header.ObjectId);
            _templates[template.Id] = template;
            return;
        }

        if (header.Form == (byte)ObjectKind.Baseline)
        {
            var baseline = Baseline.TryParse(canonical);
            Assert.NotNull(baseline);
            Assert.Equal(baseline.Id.Short, header.ObjectId);
            Assert.True(_schemas.ContainsKey(baseline.SchemaId.Short));
            _baselines[baseline.Id.Short] = baseline;
            return;
        }

        var schema = Schema.TryParse(canonical, id => _templates.GetValueOrDefault(id));
        Assert.NotNull(schema);
        Assert.Equal(schema.Id.Short, header.ObjectId);
        _schemas[schema.Id.Short] = schema;
    }

    private void AddFrame(ReadOnlySpan<byte> entry, in EntryHeader header)
    {
        Baseline? baseline = header.Form == (byte)CodecId.Profiled ? _baselines[header.ObjectId] : null;
        Schema schema = _schemas[baseline?.SchemaId.Short ?? header.ObjectId];
        Assert.Equal(EntryError.None, _decoder.Decode(entry, header, schema, baseline, _frame));
        Assert.Equal(header.FirstMs / 60_000, header.LastGridMs / 60_000);
        FrameTicks.Add(header.Ticks);
        Account(header.FirstMs / 60_000 * 60_000, -header.SampleCount, 0 - header.Digest);
        for (int s = 0; s < _frame.Series; s++)
        {
            string series = SeriesText.Format(schema.MetricOf(s).Name, schema.AttributesOf(s));
            for (int t = 0; t < _frame.Ticks; t++)
                if (_frame.Present(s)[t] == 1) Samples.Add((series, _frame.TimesMs[t]), ReplayExpectation.Bits(_frame.Values(s)[t]));
        }
    }

    private void Account(long windowMs, long samples, ulong digest)
    {
        (long Samples, ulong Digest) soFar = Undeclared.GetValueOrDefault(windowMs);
        Undeclared[windowMs] = (soFar.Samples + samples, soFar.Digest + digest);
    }
}
