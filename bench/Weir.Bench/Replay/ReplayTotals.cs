using Weir.Frames;

namespace Weir.Bench.Replay;

/// <summary>What all hosts together have sent and had answered. Thread-safe.</summary>
internal sealed class ReplayTotals
{
    private long _sentSamples;
    private long _sentFrames;
    private long _sentBatches;
    private long _wireBytes;
    private long _ackedSamples;
    private long _ackedFrames;
    private long _retriedEntries;
    private long _neededFrames;
    private long _connections;

    /// <summary>Samples in frames sent, each counted once however often it is sent.</summary>
    public long SentSamples => Interlocked.Read(ref _sentSamples);

    /// <summary>Frames sent, each counted once.</summary>
    public long SentFrames => Interlocked.Read(ref _sentFrames);

    /// <summary>Batches sent, repeated ones included.</summary>
    public long SentBatches => Interlocked.Read(ref _sentBatches);

    /// <summary>Bytes of batch messages, objects and repeated batches included; without the framing of gRPC, HTTP/2 and TCP.</summary>
    public long WireBytes => Interlocked.Read(ref _wireBytes);

    /// <summary>Samples in frames acked.</summary>
    public long AckedSamples => Interlocked.Read(ref _ackedSamples);

    /// <summary>Frames acked.</summary>
    public long AckedFrames => Interlocked.Read(ref _ackedFrames);

    /// <summary>Entries answered with RETRY.</summary>
    public long RetriedEntries => Interlocked.Read(ref _retriedEntries);

    /// <summary>Frames answered with NEED.</summary>
    public long NeededFrames => Interlocked.Read(ref _neededFrames);

    /// <summary>Connections opened.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    public void OnSent(int newSamples, int newFrames, int messageBytes)
    {
        Interlocked.Add(ref _sentSamples, newSamples);
        Interlocked.Add(ref _sentFrames, newFrames);
        Interlocked.Increment(ref _sentBatches);
        Interlocked.Add(ref _wireBytes, messageBytes);
    }

    public void OnAcked(in ReplayEntry entry)
    {
        if (entry.Kind != EntryKind.Samples) return;
        Interlocked.Add(ref _ackedSamples, entry.Samples);
        Interlocked.Increment(ref _ackedFrames);
    }

    public void OnRetried() => Interlocked.Increment(ref _retriedEntries);

    public void OnNeeded() => Interlocked.Increment(ref _neededFrames);

    public void OnConnected() => Interlocked.Increment(ref _connections);
}
