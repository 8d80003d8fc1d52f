using Google.Protobuf;
using Weir.Frames;
using Weir.Protocol.V1;

namespace Weir.Bench.Replay;

/// <summary>A batch that is sent and not wholly answered.</summary>
internal sealed class OutgoingBatch(ulong number, IReadOnlyList<ReplayEntry> entries, int newSamples, int newFrames, long sentAt)
{
    private readonly Dictionary<ulong, ReplayEntry> _unanswered = entries.ToDictionary(static entry => entry.Seq);

    public ulong Number => number;

    /// <summary>Samples that no batch before held.</summary>
    public int NewSamples => newSamples;

    /// <summary>Frames that no batch before held.</summary>
    public int NewFrames => newFrames;

    /// <summary>Timestamp of the moment it was handed to the stream.</summary>
    public long SentAt => sentAt;

    /// <summary>Bytes of the run, which count against the credit until every entry is answered.</summary>
    public int RunBytes { get; } = entries.Sum(static entry => entry.Bytes.Length + EntryRun.PrefixBytes);

    /// <summary>Whether every entry is answered.</summary>
    public bool IsAnswered => _unanswered.Count == 0;

    /// <summary>Whether an entry was answered with something else than ACK.</summary>
    public bool HasRefusals { get; set; }

    /// <summary>Takes an entry as answered; false where the batch does not hold it, or it is answered already.</summary>
    public bool TryAnswer(ulong seq, out ReplayEntry entry) => _unanswered.Remove(seq, out entry);

    public ToGateway ToMessage(ReplayHost host)
    {
        var run = new ByteWriter(RunBytes);
        foreach (ReplayEntry entry in entries) EntryRun.Append(run, entry.Bytes.Span);
        var batch = new Batch
        {
            Number = number,
            AgentId = UnsafeByteOperations.UnsafeWrap(host.AgentId),
            Epoch = host.Epoch,
            StartNumber = 1,
            Class = EntryClass.Live,
            Entries = UnsafeByteOperations.UnsafeWrap(run.WrittenMemory),
        };
        return new ToGateway { Batch = batch };
    }
}
