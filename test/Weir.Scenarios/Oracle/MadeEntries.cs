using System.Buffers.Binary;
using Weir.Agent.Identity;
using Weir.Frames;
using Weir.Log;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>Everything that the agents of a run have made: what must be stored, and nothing else may be.</summary>
internal sealed class MadeEntries
{
    private const int SpoolPrefixBytes = 12;

    private readonly Dictionary<EntryName, MadeEntry> _entries = [];

    /// <summary>The entries.</summary>
    public IReadOnlyDictionary<EntryName, MadeEntry> Entries => _entries;

    /// <summary>Names under which two different entries were made durable: no agent may do that.</summary>
    public List<EntryName> Ambiguous { get; } = [];

    /// <summary>Agents whose files were damaged: they may declare lost what the damage took, and take for lost what has arrived.</summary>
    public HashSet<AgentId> Damaged { get; } = [];

    /// <summary>Agents whose spool is too small for what they make: they give entries up.</summary>
    public HashSet<AgentId> Narrow { get; } = [];

    /// <summary>Takes what a spool has ever held, each epoch under the id that its agent had then.</summary>
    public void AddSpool(AgentSpool spool)
    {
        AgentState agent = spool.State;
        if (spool.WasDamaged) Damaged.Add(agent.AgentId);
        if (spool.IsNarrow) Narrow.Add(agent.AgentId);
        foreach (SegmentItem item in spool.Archive.Read())
        {
            if (EntryHeader.TryRead(item.Payload, out EntryHeader header) != EntryError.None) continue;
            ulong epoch = BinaryPrimitives.ReadUInt64LittleEndian(item.Index);
            uint start = BinaryPrimitives.ReadUInt32LittleEndian(item.Index.AsSpan(8, SpoolPrefixBytes - 8));
            Add(new EntryName(agent.IdOf(start), epoch, header.Seq), new MadeEntry(start, item.Payload));
        }
    }

    /// <summary>Takes what an agent in this process has made.</summary>
    public void Add(EntryName name, MadeEntry entry)
    {
        if (_entries.TryGetValue(name, out MadeEntry? known) && !known.Bytes.AsSpan().SequenceEqual(entry.Bytes)) Ambiguous.Add(name);
        _entries[name] = entry;
    }
}
