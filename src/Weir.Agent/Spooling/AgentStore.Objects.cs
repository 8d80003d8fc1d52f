namespace Weir.Agent.Spooling;

/// <content>The objects that frames need: templates, schemas and baselines.</content>
/// <remarks>
/// <para>
/// A segment may travel or vanish alone: it carries the objects that its frames need, ahead of them. Where they fill up a segment they are said again
/// in the next; objects larger than a segment could never stand in one with their frame.
/// </para>
/// <para>
/// Where series come and go, as those of processes do, a schema and the baseline derived for it are nearly those before. They are packed as differences
/// from the ones before of the same group, which stand ahead of them in the same segment; every so often one is whole, so that chains stay short.
/// Only a gateway that knows codec 1 knows differences, so schemas without a baseline are whole.
/// </para>
/// </remarks>
internal sealed partial class AgentStore
{
    private const int MaxObjectRounds = 3;

    // What must be said ahead of a frame that is sent alone, and lost with one lost object. The writer remembers 256 schemas of an agent, in both classes.
    private const int MaxLinks = 32;

    private readonly HashSet<ulong> _objectsHere = [];
    private readonly Dictionary<(ObjectKind Kind, ulong Family), LastObject> _last = [];

    private async ValueTask EnsureObjectsAsync(Schema schema, Baseline? baseline)
    {
        for (int round = 1; round <= MaxObjectRounds; round++)
        {
            if (NextAppendRolls) ForgetObjectsHere();
            if (HasObjectsHere(schema, baseline)) return;
            await AppendObjectsAsync(schema, baseline, evenApart: round == MaxObjectRounds).ConfigureAwait(false);
        }
    }

    // Each behind what it needs itself. Where the segment is full half way, the rest would stand in the next without it: the round ends and all
    // of it is said there, unless that has been tried and the objects are larger than a segment.
    private async ValueTask AppendObjectsAsync(Schema schema, Baseline? baseline, bool evenApart)
    {
        bool hasBegun = false;
        foreach (SchemaPart part in schema.Parts)
        {
            if (_objectsHere.Contains(part.Template.Id.Short)) continue;
            if (MustEnd()) return;
            await AppendObjectAsync(ObjectKind.Template, part.Template.Id, ObjectCodec.Pack(part.Template.Canonical.Span)).ConfigureAwait(false);
        }

        if (MustEnd()) return;
        await EnsureObjectAsync(ObjectKind.Schema, schema.Id, schema.Canonical, schema, mayDiffer: baseline is not null).ConfigureAwait(false);
        if (baseline is null || MustEnd()) return;
        await EnsureObjectAsync(ObjectKind.Baseline, baseline.Id, baseline.Canonical, schema, mayDiffer: true).ConfigureAwait(false);

        bool MustEnd()
        {
            bool must = hasBegun && NextAppendRolls && !evenApart;
            hasBegun = true;
            return must;
        }
    }

    private bool HasObjectsHere(Schema schema, Baseline? baseline)
    {
        if (!_objectsHere.Contains(schema.Id.Short) || (baseline is not null && !_objectsHere.Contains(baseline.Id.Short))) return false;
        foreach (SchemaPart part in schema.Parts)
            if (!_objectsHere.Contains(part.Template.Id.Short)) return false;
        return true;
    }

    private async ValueTask EnsureObjectAsync(ObjectKind kind, ContentId id, ReadOnlyMemory<byte> canonical, Schema schema, bool mayDiffer)
    {
        if (_objectsHere.Contains(id.Short)) return;
        // Each collector runs in one group: its first template tells groups apart, and where it did not, differences would be long and not be used.
        (ObjectKind, ulong) family = (kind, schema.Parts[0].Template.Id.Short);
        LastObject? last = mayDiffer ? _last.GetValueOrDefault(family) : null;
        if (last is not null && TryPackDifference(canonical.Span, schema.Id, last) is { } difference)
        {
            await AppendObjectAsync(kind, id, difference).ConfigureAwait(false);
            _last[family] = new LastObject(id.Short, schema.Id, canonical, last.WholeBytes, last.Links + 1);
            return;
        }

        byte[] payload = ObjectCodec.Pack(canonical.Span);
        await AppendObjectAsync(kind, id, payload).ConfigureAwait(false);
        _last[family] = new LastObject(id.Short, schema.Id, canonical, payload.Length, Links: 0);
    }

    // Another baseline of the same schema has new values throughout, and the writer keeps only the last few of each schema.
    private byte[]? TryPackDifference(ReadOnlySpan<byte> canonical, ContentId schemaId, LastObject last)
    {
        if (last.SchemaId == schemaId || last.Links >= MaxLinks || NextAppendRolls || !_objectsHere.Contains(last.ObjectId)) return null;
        byte[] payload = ObjectCodec.Pack(canonical, last.ObjectId, last.Canonical.Span);
        return payload.Length <= last.WholeBytes / 2 ? payload : null;
    }

    private async ValueTask AppendObjectAsync(ObjectKind kind, ContentId id, byte[] payload)
    {
        await AppendAsync(Header(EntryKind.Object, (byte)kind, Now()) with { ObjectId = id.Short }, payload).ConfigureAwait(false);
        _objectsHere.Add(id.Short);
    }

    private void ForgetObjectsHere()
    {
        _objectsHere.Clear();
        _last.Clear();
    }

    private sealed record LastObject(ulong ObjectId, ContentId SchemaId, ReadOnlyMemory<byte> Canonical, int WholeBytes, int Links);
}
