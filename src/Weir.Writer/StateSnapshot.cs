using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>The state of a partition as bytes: what a new writer starts from. <c>docs/formats/manifest.md</c> draws them.</summary>
internal static class StateSnapshot
{
    private const byte FormatVersion = 2;
    private const byte WithoutBaselines = 1;
    private const int MaxAgents = 1_000_000;

    /// <summary>Writes a state.</summary>
    public static byte[] Write(IReadOnlyDictionary<AgentKey, AgentState> agents)
    {
        var target = new ByteWriter(64 * 1024);
        var objects = new Dictionary<ContentId, ReadOnlyMemory<byte>>();
        foreach (AgentState agent in agents.Values)
        {
            foreach (Template template in agent.Objects.Templates) objects.TryAdd(template.Id, template.Canonical);
            foreach (Schema schema in agent.Objects.Schemas) objects.TryAdd(schema.Id, schema.Canonical);
        }

        target.U8(FormatVersion);
        target.Varint((ulong)objects.Count);
        foreach (ReadOnlyMemory<byte> canonical in objects.Values)
        {
            target.Varint((ulong)canonical.Length);
            target.Bytes(canonical.Span);
        }

        target.Varint((ulong)agents.Count);
        foreach ((AgentKey key, AgentState agent) in agents) WriteAgent(target, key, agent);
        return target.Written.ToArray();
    }

    /// <summary>Reads a state; null where the bytes are malformed.</summary>
    public static Dictionary<AgentKey, AgentState>? TryRead(ReadOnlySpan<byte> bytes, SharedObjects shared)
    {
        var agents = new Dictionary<AgentKey, AgentState>();
        if (bytes.IsEmpty) return agents;
        var reader = new ByteReader(bytes);
        byte version = reader.U8();
        if (version is not (FormatVersion or WithoutBaselines)) return null;
        var objects = new Dictionary<ContentId, byte[]>();
        for (int i = reader.Count(int.MaxValue); i > 0 && !reader.Failed; i--)
        {
            byte[] canonical = reader.Bytes(reader.Count(FrameLimits.MaxObjectBytes)).ToArray();
            if (canonical.Length == 0) return null;
            objects[ContentId.Of(canonical)] = canonical;
        }

        for (int i = reader.Count(MaxAgents); i > 0 && !reader.Failed; i--)
            if (!TryReadAgent(ref reader, version, objects, shared, agents)) return null;
        return reader.Failed || reader.Remaining != 0 ? null : agents;
    }

    private static void WriteAgent(ByteWriter target, AgentKey key, AgentState agent)
    {
        Span<byte> id = stackalloc byte[ContentId.Size];
        target.String(key.Tenant);
        key.Agent.Write(id);
        target.Bytes(id[..AgentId.Size]);
        target.Varint((ulong)agent.Objects.Templates.Count);
        foreach (Template template in agent.Objects.Templates)
        {
            template.Id.Write(id);
            target.Bytes(id);
        }

        Schema[] schemas = [.. agent.Objects.Schemas];
        target.Varint((ulong)schemas.Length);
        foreach (Schema schema in schemas)
        {
            schema.Id.Write(id);
            target.Bytes(id);
        }

        (LogClass Class, PackedBaseline Baseline)[] baselines = [.. agent.Objects.Baselines];
        target.Varint((ulong)baselines.Length);
        foreach ((LogClass logClass, PackedBaseline baseline) in baselines)
        {
            target.U8((byte)logClass);
            target.U64(baseline.Id);
            target.Varint((ulong)baseline.Payload.Length);
            target.Bytes(baseline.Payload.Span);
        }

        target.Varint((ulong)agent.Epochs.Count);
        foreach ((ulong epoch, EpochState state) in agent.Epochs)
        {
            target.U64(epoch);
            state.Write(target);
        }

        target.U8(agent.Host is null ? (byte)0 : (byte)1);
        if (agent.Host is null) return;
        agent.Host.Record.Write(target);
        target.Varint((ulong)agent.Host.FromMs);
        byte[] attributes = new EpochStart { HostAttributes = agent.Host.Attributes }.Encode();
        target.Varint((ulong)attributes.Length);
        target.Bytes(attributes);
    }

    private static bool TryReadAgent(
        ref ByteReader reader, byte version, Dictionary<ContentId, byte[]> objects, SharedObjects shared, Dictionary<AgentKey, AgentState> agents)
    {
        string tenant = reader.String(RecordHeader.MaxNameBytes);
        if (!AgentId.TryRead(reader.Bytes(AgentId.Size), out AgentId id)) return false;
        var agent = new AgentState();
        // Templates come first in the bytes, so a schema finds what it names.
        for (int list = 0; list < 2; list++)
        {
            for (int i = reader.Count(FrameLimits.MaxSeries); i > 0; i--)
            {
                ReadOnlySpan<byte> name = reader.Bytes(ContentId.Size);
                if (name.IsEmpty || ContentId.Read(name) is var objectId && !(objects.TryGetValue(objectId, out byte[]? canonical) && agent.Objects.TryAdd(objectId, canonical, shared)))
                    return false;
            }
        }

        for (int i = version == WithoutBaselines ? 0 : reader.Count(FrameLimits.MaxSeries); i > 0; i--)
        {
            byte logClass = reader.U8();
            ulong objectId = reader.U64();
            if (logClass > (byte)LogClass.Backfill || !agent.Objects.TryAdd(ObjectKind.Baseline, objectId, reader.Bytes(reader.Count(FrameLimits.MaxEntryBytes)), (LogClass)logClass, shared)) return false;
        }

        for (int i = reader.Count(int.MaxValue); i > 0 && !reader.Failed; i--)
        {
            ulong epoch = reader.U64();
            agent.Restore(epoch, EpochState.Read(ref reader));
        }

        if (reader.U8() == 1 && !TryReadHost(ref reader, agent)) return false;
        agents[new AgentKey(tenant, id)] = agent;
        return !reader.Failed;
    }

    private static bool TryReadHost(ref ByteReader reader, AgentState agent)
    {
        if (!RecordHeader.TryRead(reader.Rest, out RecordHeader record, out int length)) return false;
        reader.Bytes(length);
        long fromMs = (long)reader.Varint();
        EpochStart? start = EpochStart.TryDecode(reader.Bytes(reader.Count(FrameLimits.MaxEntryBytes)));
        return start is not null && agent.TryDescribe(new HostDescription(record, fromMs, start.HostAttributes));
    }
}
