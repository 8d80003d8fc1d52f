using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>The state of a partition as bytes: what a new writer starts from. <c>docs/formats/manifest.md</c> draws them.</summary>
internal static class StateSnapshot
{
    private const byte FormatVersion = 4;
    private const byte WithoutRefused = 3;
    private const byte OneTable = 2;
    private const byte WithoutBaselines = 1;
    private const int MaxAgents = 1_000_000;

    // What does not compress grows by a few bytes.
    private const int MaxBaselineBytes = FrameLimits.MaxObjectBytes + 4096;

    /// <summary>Writes a state.</summary>
    public static byte[] Write(IReadOnlyDictionary<AgentKey, AgentState> agents)
    {
        var target = new ByteWriter(64 * 1024);
        var objects = new Dictionary<ContentId, ReadOnlyMemory<byte>>();
        foreach (AgentState agent in agents.Values)
        {
            foreach (LogClass logClass in agent.ClassesWithObjects)
            {
                foreach (Template template in agent.Objects(logClass).Templates) objects.TryAdd(template.Id, template.Canonical);
                foreach (Schema schema in agent.Objects(logClass).Schemas) objects.TryAdd(schema.Id, schema.Canonical);
            }
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
        if (version is not (FormatVersion or WithoutRefused or OneTable or WithoutBaselines)) return null;
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
        LogClass[] classes = [.. agent.ClassesWithObjects];
        target.Varint((ulong)classes.Length);
        foreach (LogClass logClass in classes)
        {
            target.U8((byte)logClass);
            WriteObjects(target, agent.Objects(logClass));
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

    private static void WriteObjects(ByteWriter target, ObjectTable objects)
    {
        WriteNames(target, [.. objects.Templates.Select(static template => template.Id)]);
        WriteNames(target, [.. objects.Schemas.Select(static schema => schema.Id)]);
        PackedBaseline[] baselines = [.. objects.Baselines];
        target.Varint((ulong)baselines.Length);
        foreach (PackedBaseline baseline in baselines)
        {
            target.U64(baseline.Id);
            target.Varint((ulong)baseline.Payload.Length);
            target.Bytes(baseline.Payload.Span);
        }
    }

    private static void WriteNames(ByteWriter target, ContentId[] names)
    {
        Span<byte> id = stackalloc byte[ContentId.Size];
        target.Varint((ulong)names.Length);
        foreach (ContentId name in names)
        {
            name.Write(id);
            target.Bytes(id);
        }
    }

    private static bool TryReadAgent(
        ref ByteReader reader, byte version, Dictionary<ContentId, byte[]> objects, SharedObjects shared, Dictionary<AgentKey, AgentState> agents)
    {
        string tenant = reader.String(RecordHeader.MaxNameBytes);
        if (!AgentId.TryRead(reader.Bytes(AgentId.Size), out AgentId id)) return false;
        var agent = new AgentState();
        if (!(version >= WithoutRefused ? TryReadObjects(ref reader, objects, shared, agent) : TryReadOneTable(ref reader, version, objects, shared, agent))) return false;
        for (int i = reader.Count(int.MaxValue); i > 0 && !reader.Failed; i--)
        {
            ulong epoch = reader.U64();
            agent.Restore(epoch, EpochState.Read(ref reader, knowsRefused: version > WithoutRefused));
        }

        if (reader.U8() == 1 && !TryReadHost(ref reader, agent)) return false;
        agents[new AgentKey(tenant, id)] = agent;
        return !reader.Failed;
    }

    private static bool TryReadObjects(ref ByteReader reader, Dictionary<ContentId, byte[]> objects, SharedObjects shared, AgentState agent)
    {
        for (int i = reader.Count(2); i > 0; i--)
        {
            byte logClass = reader.U8();
            if (logClass > (byte)LogClass.Backfill) return false;
            ObjectTable table = agent.Objects((LogClass)logClass);
            var names = new List<ContentId>();
            // Templates come first in the bytes, so a schema finds what it names.
            if (!TryReadNames(ref reader, names) || !TryReadNames(ref reader, names) || !TryAddAll(table, names, objects, shared)) return false;
            for (int baseline = reader.Count(ObjectTable.MaxSchemas * ObjectTable.BaselinesPerSchema); baseline > 0; baseline--)
                if (!TryReadBaseline(ref reader, table, shared)) return false;
            // To take an object in uses those that it names.
            foreach (ContentId name in names) table.Use(name);
        }

        return true;
    }

    // Until version 3 both classes had one table: each gets what stands there, and its own baselines.
    private static bool TryReadOneTable(ref ByteReader reader, byte version, Dictionary<ContentId, byte[]> objects, SharedObjects shared, AgentState agent)
    {
        var names = new List<ContentId>();
        if (!TryReadNames(ref reader, names) || !TryReadNames(ref reader, names)) return false;
        foreach (LogClass logClass in (ReadOnlySpan<LogClass>)[LogClass.Live, LogClass.Backfill])
            if (!TryAddAll(agent.Objects(logClass), names, objects, shared)) return false;
        for (int i = version == WithoutBaselines ? 0 : reader.Count(FrameLimits.MaxSeries); i > 0; i--)
        {
            byte logClass = reader.U8();
            if (logClass > (byte)LogClass.Backfill || !TryReadBaseline(ref reader, agent.Objects((LogClass)logClass), shared)) return false;
        }

        return true;
    }

    private static bool TryReadNames(ref ByteReader reader, List<ContentId> names)
    {
        for (int i = reader.Count(FrameLimits.MaxSeries); i > 0; i--)
        {
            ReadOnlySpan<byte> name = reader.Bytes(ContentId.Size);
            if (name.IsEmpty) return false;
            names.Add(ContentId.Read(name));
        }

        return true;
    }

    private static bool TryAddAll(ObjectTable table, List<ContentId> names, Dictionary<ContentId, byte[]> objects, SharedObjects shared)
    {
        foreach (ContentId name in names)
            if (!objects.TryGetValue(name, out byte[]? canonical) || !table.TryAdd(name, canonical, shared)) return false;
        return true;
    }

    // Packed whole, whatever it came as: larger than an entry may be where it came as a difference.
    private static bool TryReadBaseline(ref ByteReader reader, ObjectTable table, SharedObjects shared)
    {
        ulong objectId = reader.U64();
        return table.TryAdd(ObjectKind.Baseline, objectId, reader.Bytes(reader.Count(MaxBaselineBytes)), shared);
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
