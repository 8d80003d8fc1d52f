using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>Gathers what is to be said about the entries of one batch, as ranges.</summary>
internal sealed class BatchAnswers(ulong batch, ulong epoch)
{
    // Nearly every batch is accepted whole: what else there may be is made when it comes.
    private readonly List<SeqRange> _acks = new(1);
    private List<SeqRange>? _versionRetries;
    private List<SeqRange>? _needs;
    private List<ulong>? _needed;
    private Dictionary<RejectReason, List<uint>>? _rejects;

    /// <summary>The generation of objects that the batch was judged by: <see cref="BatchIntake.Generation"/>.</summary>
    public int Generation { get; init; }

    /// <summary>Entries that will be acked once they are durable.</summary>
    public IReadOnlyList<SeqRange> Accepted => _acks;

    /// <summary>This entry goes to the log.</summary>
    public void Accept(ulong seq) => Extend(_acks, seq);

    /// <summary>A newer gateway will take this entry.</summary>
    public void RetryVersion(ulong seq) => Extend(_versionRetries ??= [], seq);

    /// <summary>This entry needs objects first.</summary>
    public void Need(ulong seq, IEnumerable<ulong> objects)
    {
        Extend(_needs ??= [], seq);
        _needed ??= [];
        foreach (ulong id in objects)
            if (!_needed.Contains(id)) _needed.Add(id);
    }

    /// <summary>What stands here cannot be an entry.</summary>
    public void Reject(int index, RejectReason reason)
    {
        _rejects ??= [];
        if (!_rejects.TryGetValue(reason, out List<uint>? indexes)) _rejects[reason] = indexes = [];
        indexes.Add((uint)index);
    }

    /// <summary>The answers that need not wait for the log; null where there are none.</summary>
    public Answers? Immediate(uint versionRetryMs)
    {
        if (_versionRetries is null && _needs is null && _rejects is null) return null;
        var answers = new Answers();
        if (_versionRetries is not null)
            answers.Answers_.Add(new Answer { Batch = batch, Retry = new Retry { Epoch = epoch, Seqs = { _versionRetries }, AfterMs = versionRetryMs, Scope = RetryScope.Version } });
        if (_needs is not null) answers.Answers_.Add(new Answer { Batch = batch, Need = new Need { Epoch = epoch, Seqs = { _needs }, Objects = { _needed } } });
        foreach ((RejectReason reason, List<uint> indexes) in _rejects ?? [])
            answers.Answers_.Add(new Answer { Batch = batch, Reject = new Reject { Indexes = { indexes }, Reason = reason } });
        return answers;
    }

    /// <summary>The accepted entries are durable.</summary>
    public Answers Acked() => One(new Answer { Batch = batch, Ack = new Ack { Epoch = epoch, Seqs = { _acks } } });

    /// <summary>The accepted entries could not be made durable, or were not even tried.</summary>
    public Answers Retried(uint afterMs, RetryScope scope) =>
        One(new Answer { Batch = batch, Retry = new Retry { Epoch = epoch, Seqs = { _acks }, AfterMs = afterMs, Scope = scope } });

    /// <summary>The batch as a whole cannot be taken.</summary>
    public static Answers RejectedWhole(ulong batch, RejectReason reason) => One(new Answer { Batch = batch, Reject = new Reject { Reason = reason } });

    private static Answers One(Answer answer) => new() { Answers_ = { answer } };

    private static void Extend(List<SeqRange> ranges, ulong seq)
    {
        if (ranges.Count > 0 && ranges[^1].Last + 1 == seq) ranges[^1].Last = seq;
        else ranges.Add(new SeqRange { First = seq, Last = seq });
    }
}
