using Weir.Frames;
using Weir.TestKit.Agents;

namespace Weir.Writer.Tests;

public sealed class ObjectTableTests
{
    private const long T0 = 1_700_000_000_000;

    private readonly SharedObjects _shared = new();
    private readonly ObjectTable _table = new();
    private readonly TestAgent _agent = new(1);

    [Fact]
    public void Baselines_OfASchema_TheThreeThatCameLastAreKept()
    {
        AddObjects();
        List<ulong> ids = [];
        for (int i = 0; i < 5; i++)
        {
            Assert.True(Add(_agent.NewBaseline(T0 + (i * 300_000))));
            ids.Add(_agent.Baseline!.Id.Short);
        }

        Assert.Equal(ids[2..], _table.Baselines.Select(static kept => kept.Id));
        // Said again, the oldest is the newest.
        Assert.True(Add(new TestAgent(1) is var again ? again.NewBaseline(T0 + (2 * 300_000)) : []));
        Assert.Equal([ids[3], ids[4], ids[2]], _table.Baselines.Select(static kept => kept.Id));
    }

    [Fact]
    public void Baseline_PackedAgainstAnother_IsKeptWhole()
    {
        AddObjects();
        Add(_agent.NewBaseline(T0));
        Baseline parent = _agent.Baseline!;
        byte[] child = _agent.NewBaseline(T0 + 300_000, parent);
        Assert.True(Add(child));
        PackedBaseline kept = _table.Baselines.Last();
        Assert.Equal(_agent.Baseline!.Id, kept.Unpack().Id);
        Assert.False(ObjectCodec.TryGetParent(kept.Payload.Span, out _));
    }

    [Fact]
    public void Object_WhoseSchemaOrParentHasNotCome_IsNotTaken()
    {
        byte[] baseline = _agent.NewBaseline(T0), child = _agent.NewBaseline(T0 + 300_000, _agent.Baseline);
        Assert.False(Add(baseline));
        AddObjects();
        Assert.False(Add(child));
        Assert.True(Add(baseline));
        Assert.True(Add(child));
    }

    [Fact]
    public void Baseline_OfAnotherShapeThanItsSchema_IsNotTaken()
    {
        AddObjects();
        byte[] canonical = new TestAgent(1) is var agent && agent.NewBaseline(T0).Length > 0 ? agent.Baseline!.Canonical.ToArray() : [];
        byte[] other = new TestAgent(1, series: 4) is var wider && wider.NewBaseline(T0).Length > 0 ? wider.Baseline!.Canonical.ToArray() : [];
        canonical.AsSpan(2, ContentId.Size).CopyTo(other.AsSpan(2));
        Assert.False(_table.TryAdd(ObjectKind.Baseline, ContentId.Of(other).Short, ObjectCodec.Pack(other), _shared));
    }

    [Fact]
    public void Schemas_AreBounded_AndTheirBaselinesGoWithThem()
    {
        AddObjects();
        Add(_agent.NewBaseline(T0));
        for (int i = 4; i < 4 + ObjectTable.MaxSchemas; i++)
            foreach (byte[] entry in new TestAgent(1, series: i).Objects(T0)) Assert.True(Add(entry));
        Assert.Equal(ObjectTable.MaxSchemas, _table.Schemas.Count());
        Assert.Empty(_table.Baselines);
        Assert.False(_table.TryGetSchema(new EntryHeader { Kind = EntryKind.Samples, Seq = 1, ObjectId = _agent.Schema.Id.Short }, out _, out _));
    }

    [Fact]
    public void Schema_ThatFramesName_StaysWhileOthersComeAndGo()
    {
        AddObjects();
        Assert.True(Add(_agent.NewBaseline(T0)));
        var frame = new EntryHeader { Kind = EntryKind.Samples, Form = (byte)CodecId.Profiled, Seq = 1, ObjectId = _agent.Baseline!.Id.Short };
        for (int i = 4; i < 4 + (2 * ObjectTable.MaxSchemas); i++)
        {
            foreach (byte[] entry in new TestAgent(1, series: i).Objects(T0)) Assert.True(Add(entry));
            if (i % 100 == 0) Assert.True(_table.TryGetSchema(frame, out _, out _));
        }

        Assert.True(_table.TryGetSchema(frame, out Schema? schema, out _));
        Assert.Equal(_agent.Schema.Id, schema.Id);
    }

    [Fact]
    public void Objects_InTheSameBytesAsAnotherAgents_AreItsInstances_AndStillNeedTheirOwnTemplates()
    {
        AddObjects();
        byte[][] entries = [.. _agent.Objects(T0)];
        var other = new ObjectTable();
        Assert.False(Add(other, entries[^1]));
        foreach (byte[] entry in entries) Assert.True(Add(other, entry));
        Assert.Same(_table.Schemas.Single(), other.Schemas.Single());
        Assert.Same(_table.Templates.Single(), other.Templates.Single());
    }

    [Fact]
    public void Object_InKnownBytesUnderAnotherName_IsNotTaken()
    {
        byte[] entry = _agent.Objects(T0)[0];
        Assert.True(Add(entry));
        EntryHeader.TryRead(entry, out EntryHeader header);
        Assert.False(_table.TryAdd((ObjectKind)header.Form, header.ObjectId + 1, entry.AsSpan(header.HeaderBytes), _shared));
    }

    [Fact]
    public void Object_InCanonicalBytes_IsNotTaken_AlsoWhereAnotherAgentHasIt()
    {
        AddObjects();
        Assert.False(new ObjectTable().TryAdd(ObjectKind.Template, _agent.Template.Id.Short, _agent.Template.Canonical.Span, _shared));
    }

    [Fact]
    public void Schema_ThatAFrameHasNamed_IsForgottenWhenItGoes()
    {
        AddObjects();
        var frame = new EntryHeader { Kind = EntryKind.Samples, Seq = 1, ObjectId = _agent.Schema.Id.Short };
        Assert.True(_table.TryGetSchema(frame, out _, out _));
        for (int i = 4; i < 4 + ObjectTable.MaxSchemas; i++)
            foreach (byte[] entry in new TestAgent(1, series: i).Objects(T0)) Assert.True(Add(entry));
        Assert.False(_table.TryGetSchema(frame, out _, out _));
    }

    [Fact]
    public void Baseline_ThatAFrameHasNamed_IsForgottenWhenItGoes()
    {
        AddObjects();
        Assert.True(Add(_agent.NewBaseline(T0)));
        var frame = new EntryHeader { Kind = EntryKind.Samples, Form = (byte)CodecId.Profiled, Seq = 1, ObjectId = _agent.Baseline!.Id.Short };
        Assert.True(_table.TryGetSchema(frame, out _, out PackedBaseline? named));
        Assert.Equal(frame.ObjectId, named!.Id);
        for (int i = 1; i <= ObjectTable.BaselinesPerSchema; i++) Assert.True(Add(_agent.NewBaseline(T0 + (i * 300_000))));
        Assert.False(_table.TryGetSchema(frame, out _, out _));
    }

    private void AddObjects()
    {
        foreach (byte[] entry in _agent.Objects(T0)) Assert.True(Add(entry));
    }

    private bool Add(byte[] entry) => Add(_table, entry);

    private bool Add(ObjectTable table, byte[] entry)
    {
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
        return table.TryAdd((ObjectKind)header.Form, header.ObjectId, entry.AsSpan(header.HeaderBytes), _shared);
    }
}
