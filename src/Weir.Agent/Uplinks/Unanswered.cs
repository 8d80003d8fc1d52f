using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>What has been sent over this connection and has no answer yet, and how much more may be.</summary>
/// <remarks>
/// Bounded by the gateway's credit in bytes and by <see cref="MaxBatches"/>; backlog also by a <see cref="BacklogWindow"/>, and to three quarters of the credit. Not thread-safe.
/// </remarks>
internal sealed class Unanswered(long creditBytes, TimeProvider time)
{
    /// <summary>Most batches without an answer: their answers fit into the session's inbox, so that reading never waits for writing.</summary>
    public const int MaxBatches = 128;

    private readonly Dictionary<ulong, SentBatch> _batches = [];
    private readonly BacklogWindow _window = new(time, creditBytes - (creditBytes / 4));
    private long _bytes;
    private long _backlogBytes;

    /// <summary>Entry bytes without an answer. Read by metrics from other threads.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Most of them, as the gateway said.</summary>
    public long CreditBytes { get; } = creditBytes;

    /// <summary>Whether everything has been answered.</summary>
    public bool IsEmpty => _batches.Count == 0;

    /// <summary>Whether more may be sent. One entry always may, or one larger than the credit could never go.</summary>
    /// <param name="entryClass">Class of the entry.</param>
    /// <param name="gathered">Bytes gathered for the next batch already.</param>
    /// <param name="bytes">Bytes of the entry.</param>
    public bool Admits(EntryClass entryClass, int gathered, int bytes)
    {
        if (_batches.Count >= MaxBatches) return false;
        if (_batches.Count == 0 && gathered == 0) return true;
        if (entryClass == EntryClass.Live) return _bytes + gathered + bytes <= CreditBytes;
        long backlog = _backlogBytes + gathered;
        return _bytes + gathered + bytes <= CreditBytes - (CreditBytes / 4) && (backlog == 0 || backlog + bytes <= _window.Bytes);
    }

    /// <summary>Takes note of a batch.</summary>
    public void Add(SentBatch batch, int bytes)
    {
        _batches[batch.Number] = batch;
        Interlocked.Add(ref _bytes, bytes);
        if (batch.Class == EntryClass.Backfill) _backlogBytes += bytes;
    }

    /// <summary>A batch with open entries; null where there is none of this number.</summary>
    public SentBatch? Find(ulong number) => _batches.GetValueOrDefault(number);

    /// <summary>These entries of a batch have been acked.</summary>
    public void Ack(SentBatch batch, IReadOnlyList<SpooledEntry> acked) => Settle(batch, acked);

    /// <summary>These entries of a batch have been answered otherwise.</summary>
    public void Refuse(SentBatch batch, IReadOnlyList<SpooledEntry> refused)
    {
        batch.WasRefused = true;
        Settle(batch, refused);
    }

    /// <summary>When the batch that waits longest was sent, in the clock's timestamps; null where none waits.</summary>
    public long? OldestSentAt => _batches.Count == 0 ? null : _batches.Values.Min(static batch => batch.SentAt);

    private void Settle(SentBatch batch, IReadOnlyList<SpooledEntry> answered)
    {
        int bytes = answered.Sum(static entry => entry.Length + EntryRun.PrefixBytes);
        Interlocked.Add(ref _bytes, -bytes);
        bool isBacklog = batch.Class == EntryClass.Backfill;
        if (isBacklog) _backlogBytes -= bytes;
        if (batch.Open > 0) return;
        _batches.Remove(batch.Number);
        if (!batch.WasRefused) _window.Acked(batch.SentAt, isBacklog ? bytes : 0);
    }
}
