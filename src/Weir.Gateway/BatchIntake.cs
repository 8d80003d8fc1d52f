using Weir.Frames;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>Checks the entries of a batch and wraps those that pass into records.</summary>
/// <remarks>
/// <para>Per stream, not thread-safe but for <see cref="Forget"/>. Samples are never decoded: header, checksum, size and objects are all that is looked at.</para>
/// <para>
/// A frame is acked only where the objects that it was judged by are durable, too. An append that fails ends a generation: objects count as never seen from then on,
/// and what was taken in that generation behind it is not acked whatever became of it. <c>IntakeTests</c> fails one append of several.
/// </para>
/// </remarks>
internal sealed class BatchIntake(GatewayMetrics metrics)
{
    // One for all streams that a thread serves: taking a batch in does not give the thread up, and an idle stream needs none.
    [ThreadStatic]
    private static RecordBuilder? _builder;

    private readonly ObjectsSeen[] _objects = [new(), new()];
    private readonly List<ulong> _missing = [];
    private int _generation;
    private int _objectsOf;

    /// <summary>Counts the failures that objects were forgotten for.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>An append of a generation has failed. Any thread.</summary>
    public void Forget(int generation) => Interlocked.CompareExchange(ref _generation, generation + 1, generation);

    /// <summary>The batch that was just taken is not appended: what it brought was not seen.</summary>
    public void ForgetObjects()
    {
        foreach (ObjectsSeen objects in _objects) objects.Clear();
    }

    /// <summary>Checks a batch.</summary>
    /// <param name="batch">The batch; its agent id has been checked.</param>
    /// <param name="header">What the gateway says about it.</param>
    /// <param name="append">Starts an append; the builder may be reused when it returns.</param>
    /// <returns>What is to be answered.</returns>
    public BatchAnswers Take(Batch batch, RecordHeader header, Action<RecordBuilder> append)
    {
        int generation = Generation;
        if (generation != _objectsOf) ForgetObjects();
        _objectsOf = generation;
        var answers = new BatchAnswers(batch.Number, batch.Epoch) { Generation = generation };
        ObjectsSeen objects = _objects[batch.Class == Protocol.V1.EntryClass.Backfill ? 1 : 0];
        RecordBuilder record = _builder ??= new RecordBuilder();
        record.Begin(header);
        int index = 0;
        EntryRun.Enumerator run = EntryRun.Read(batch.Entries.Span);
        for (; run.MoveNext(); index++)
        {
            if (!Check(run.Current, index, objects, answers, out int headerBytes)) continue;
            if (!record.Fits(run.Current.Length))
            {
                append(record);
                record.Begin(header);
            }

            record.Add(run.Current, headerBytes);
        }

        if (run.Torn) Reject(answers, index, RejectReason.Size);
        if (record.Count > 0) append(record);
        return answers;
    }

    private bool Check(ReadOnlySpan<byte> entry, int index, ObjectsSeen objects, BatchAnswers answers, out int headerBytes)
    {
        EntryError error = EntryHeader.TryRead(entry, out EntryHeader header);
        headerBytes = header.HeaderBytes;
        switch (error)
        {
            case EntryError.None:
                break;
            case EntryError.UnknownVersion or EntryError.UnknownKind or EntryError.UnknownCodec:
                metrics.Entry("retry_version");
                answers.RetryVersion(EntryHeader.PeekSeq(entry));
                return false;
            case EntryError.Crc:
                Reject(answers, index, RejectReason.Crc);
                return false;
            case EntryError.Size:
                Reject(answers, index, RejectReason.Size);
                return false;
            default:
                Reject(answers, index, RejectReason.Header);
                return false;
        }

        _missing.Clear();
        if (header.Kind == EntryKind.Object && !objects.TryAdd(header, entry[header.HeaderBytes..], _missing))
        {
            Reject(answers, index, RejectReason.Header);
            return false;
        }

        if (header.Kind == EntryKind.Samples && !objects.Contains(header.ObjectId)) _missing.Add(header.ObjectId);
        if (_missing.Count > 0)
        {
            metrics.Entry("need");
            answers.Need(header.Seq, _missing);
            return false;
        }

        metrics.Entry("accepted");
        answers.Accept(header.Seq);
        return true;
    }

    private void Reject(BatchAnswers answers, int index, RejectReason reason)
    {
        metrics.Entry("reject");
        answers.Reject(index, reason);
    }
}
