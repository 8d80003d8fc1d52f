using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer;

/// <summary>What applying an entry to a <see cref="PartitionState"/> brings about outside of it.</summary>
internal interface IEntryEffects
{
    /// <summary>A frame goes into the store.</summary>
    void Store(in StoreFrame frame);

    /// <summary>A host is described.</summary>
    void Describe(HostDescription host);

    /// <summary>An entry that carries no samples is settled, or one is a duplicate.</summary>
    void Count(in EntryHeader entry, EntryOutcome outcome);

    /// <summary>Why an earlier reading of the log put this entry into quarantine for good; null where none did.</summary>
    QuarantineReason? RefusalOf(LogClass logClass, long position);

    /// <summary>Whether this copy of an entry counts for nothing, since it or another before it proved damaged.</summary>
    bool IsVoid(in AgentKey agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place);

    /// <summary>What the first reading made of an agent; null while that is under way. A repetition takes from it what the log no longer gives.</summary>
    AgentState? Recall(in AgentKey agent);

    /// <summary>An entry that is not settled cannot be read: it is not settled by this copy either.</summary>
    void Damaged(in AgentKey agent, in RecordHeader record, in EntryHeader entry, in EntryPlace place);

    /// <summary>An entry goes into quarantine.</summary>
    void Quarantine(QuarantineReason reason, in EntryPlace place, in RecordHeader record, in EntryHeader entry);
}

/// <summary>How an entry ended, for the accounts.</summary>
internal enum EntryOutcome
{
    /// <summary>In the store; for entries without samples: taken note of.</summary>
    Stored,

    /// <summary>Known already.</summary>
    Duplicate,

    /// <summary>Waits in quarantine.</summary>
    Quarantined,
}

/// <summary>Where an entry stands in the log.</summary>
/// <param name="Class">Class of the log.</param>
/// <param name="Position">Position of the entry's first byte.</param>
/// <param name="Length">Its bytes.</param>
internal readonly record struct EntryPlace(LogClass Class, long Position, int Length);
