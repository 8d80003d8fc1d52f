using System.Collections.Concurrent;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Replay;

/// <summary>What all hosts of a replay share: the schema, the recording's rows in the schema's order, and the frames' shape.</summary>
/// <remarks>Safe to share between threads. Builders and encoders of frames are lent for one frame each, so that their number follows the threads, not the hosts.</remarks>
internal sealed class ReplayPlan : IDisposable
{
    /// <summary>Host i starts this many ticks times i into the recording: hosts differ at every moment.</summary>
    public const int TicksBetweenHosts = 37;

    /// <summary>Hosts that differ: those beyond send the same values again, so that a large fleet need not be encoded host by host.</summary>
    public const int DistinctHosts = 400;

    private readonly RecordingRows _rows;
    private readonly ConcurrentBag<(FrameBuilder Builder, FrameEncoder Encoder)> _free = [];
    private readonly ConcurrentBag<ProfileHistory> _histories = [];

    public ReplayPlan(Recording recording, int seconds, int ticksPerFrame)
    {
        _rows = new RecordingRows(recording);
        Seconds = seconds;
        TicksPerFrame = ticksPerFrame;
        FirstTickMs = recording.FirstTickMs;
    }

    public Schema Schema => _rows.Schema;

    /// <summary>Ticks per host.</summary>
    public int Seconds { get; }

    public int TicksPerFrame { get; }

    /// <summary>Time of tick 0 of every host, Unix ms.</summary>
    public long FirstTickMs { get; }

    /// <summary>Time of a host's tick, Unix ms: it runs on while the recording wraps.</summary>
    public long TimeOf(int tick) => FirstTickMs + (tick * 1000L);

    /// <summary>The snapshot that a host replays at a tick.</summary>
    public static int SnapshotOf(int host, int tick, int snapshots) => (int)((((long)(host % DistinctHosts) * TicksBetweenHosts) + tick) % snapshots);

    /// <summary>The values of a host's tick in the schema's order.</summary>
    public ReadOnlySpan<double> Values(int host, int tick) => _rows.Values(SnapshotOf(host, tick, _rows.Ticks));

    /// <summary>1 per value that is there, 0 per missing one.</summary>
    public ReadOnlySpan<byte> Present(int host, int tick) => _rows.Present(SnapshotOf(host, tick, _rows.Ticks));

    /// <summary>An empty builder and what encodes it, to be given back empty.</summary>
    public (FrameBuilder Builder, FrameEncoder Encoder) Borrow() =>
        _free.TryTake(out (FrameBuilder, FrameEncoder) lent) ? lent : (new FrameBuilder(Schema, TicksPerFrame), new FrameEncoder());

    public void GiveBack(FrameBuilder builder, FrameEncoder encoder) => _free.Add((builder, encoder));

    /// <summary>An empty history, to be given back.</summary>
    public ProfileHistory BorrowHistory() => _histories.TryTake(out ProfileHistory? history) ? history : new ProfileHistory(Schema, 1000);

    public void GiveBack(ProfileHistory history)
    {
        history.Clear();
        _histories.Add(history);
    }

    public void Dispose()
    {
        while (_free.TryTake(out (FrameBuilder Builder, FrameEncoder Encoder) lent)) lent.Encoder.Dispose();
    }
}
