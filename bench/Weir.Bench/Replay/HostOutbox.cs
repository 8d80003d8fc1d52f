using Weir.Frames;

namespace Weir.Bench.Replay;

/// <summary>What a host has still to send, what is on its way and what comes back.</summary>
/// <remarks>
/// One thread takes batches, another brings answers: every member locks. The memory is bounded by the credit: an entry is held
/// until it is acked, and none is taken from the source while the credit is used up.
/// </remarks>
internal sealed class HostOutbox(IEnumerator<ReplayEntry> source, int batchFrames, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, ReplayEntry> _again = [];
    private readonly Dictionary<ulong, OutgoingBatch> _onTheWay = [];
    private readonly List<ReplayEntry> _objects = [];
    private readonly List<AckLatency> _latencies = [];
    private bool _hasNext = source.MoveNext();
    private ulong _lastNumber;
    private int _creditUsed;
    private long _holdStart;
    private TimeSpan _hold;

    /// <summary>Most run bytes that may be unanswered; a single larger entry goes alone.</summary>
    public required int CreditBytes { get; init; }

    /// <summary>Most run bytes in a batch; a single larger entry goes alone.</summary>
    public required int MaxBatchBytes { get; init; }

    /// <summary>Whether everything is sent and acked.</summary>
    public bool IsDone
    {
        get
        {
            lock (_gate) return !_hasNext && _again.Count == 0 && _onTheWay.Count == 0;
        }
    }

    /// <summary>Whether something that was sent has no ACK yet.</summary>
    public bool OwesAcks
    {
        get
        {
            lock (_gate) return _onTheWay.Count > 0 || _again.Count > 0;
        }
    }

    /// <summary>Time from handing a batch to the stream to its last ACK, for batches of which nothing was refused. To be read when done.</summary>
    public IReadOnlyList<AckLatency> AckLatencies => _latencies;

    /// <summary>Takes the next batch; null where nothing may leave now.</summary>
    /// <param name="untilDue">How long until a tick may leave; zero or less: now.</param>
    /// <param name="wait">Where nothing may leave: how long at most until that changes without an answer; null: only an answer changes it.</param>
    public OutgoingBatch? Take(Func<int, TimeSpan> untilDue, out TimeSpan? wait)
    {
        lock (_gate)
        {
            wait = null;
            TimeSpan held = _hold - time.GetElapsedTime(_holdStart);
            if (_hold > TimeSpan.Zero && held > TimeSpan.Zero)
            {
                wait = held;
                return null;
            }

            _hold = TimeSpan.Zero;
            var entries = new List<ReplayEntry>();
            int newFrames = 0, newSamples = 0;
            if (_again.Count > 0)
            {
                TakeAgain(entries);
            }
            else
            {
                TakeFresh(entries, untilDue, out wait);
                newFrames = entries.Count(static entry => entry.Kind == EntryKind.Samples);
                newSamples = entries.Sum(static entry => entry.Samples);
            }

            if (entries.Count == 0) return null;
            var batch = new OutgoingBatch(++_lastNumber, entries, newSamples, newFrames, time.GetTimestamp());
            _onTheWay.Add(batch.Number, batch);
            _creditUsed += batch.RunBytes;
            return batch;
        }
    }

    /// <summary>An entry is durable. Returns it.</summary>
    public ReplayEntry OnAck(ulong batch, ulong seq) => Answer(batch, seq, again: false);

    /// <summary>An entry is to be sent again, and nothing before <paramref name="after"/>.</summary>
    public void OnRetry(ulong batch, ulong seq, TimeSpan after)
    {
        Answer(batch, seq, again: true);
        lock (_gate)
        {
            _holdStart = time.GetTimestamp();
            _hold = after;
        }
    }

    /// <summary>A frame came before its objects: all objects go again, and it behind them.</summary>
    public void OnNeed(ulong batch, ulong seq)
    {
        Answer(batch, seq, again: true);
        lock (_gate)
            foreach (ReplayEntry entry in _objects) _again[entry.Seq] = entry;
    }

    private ReplayEntry Answer(ulong number, ulong seq, bool again)
    {
        lock (_gate)
        {
            if (!_onTheWay.TryGetValue(number, out OutgoingBatch? batch) || !batch.TryAnswer(seq, out ReplayEntry entry))
                throw new ReplayFailedException($"the gateway answered entry {seq} of batch {number}, which is not on its way");
            if (again)
            {
                batch.HasRefusals = true;
                _again[seq] = entry;
            }

            if (batch.IsAnswered)
            {
                _onTheWay.Remove(number);
                _creditUsed -= batch.RunBytes;
                if (!batch.HasRefusals) _latencies.Add(new AckLatency(time.GetTimestamp(), time.GetElapsedTime(batch.SentAt)));
            }

            return entry;
        }
    }

    private void TakeAgain(List<ReplayEntry> entries)
    {
        int bytes = 0;
        foreach (ReplayEntry entry in _again.Values.OrderBy(static entry => entry.Seq))
        {
            if (!Fits(entry, ref bytes)) break;
            entries.Add(entry);
        }

        foreach (ReplayEntry entry in entries) _again.Remove(entry.Seq);
    }

    private void TakeFresh(List<ReplayEntry> entries, Func<int, TimeSpan> untilDue, out TimeSpan? wait)
    {
        wait = null;
        int frames = 0, bytes = 0;
        while (_hasNext)
        {
            ReplayEntry next = source.Current;
            if (next.Kind == EntryKind.Samples && frames == batchFrames) break;
            TimeSpan due = untilDue(next.DueTick);
            if (due > TimeSpan.Zero)
            {
                wait = due;
                break;
            }

            if (!Fits(next, ref bytes)) break;
            if (next.Kind == EntryKind.Samples) frames++;
            if (next.Kind == EntryKind.Object) _objects.Add(next);
            entries.Add(next);
            _hasNext = source.MoveNext();
        }
    }

    private bool Fits(in ReplayEntry entry, ref int bytes)
    {
        int with = bytes + entry.Bytes.Length + EntryRun.PrefixBytes;
        bool alone = bytes == 0 && _creditUsed == 0;
        if (!alone && (with > MaxBatchBytes && bytes > 0 || _creditUsed + with > CreditBytes)) return false;
        bytes = with;
        return true;
    }
}
