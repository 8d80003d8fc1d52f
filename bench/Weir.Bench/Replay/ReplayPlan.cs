using System.Collections.Concurrent;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Replay;

/// <summary>What all hosts of a replay share: the schema, the recording's rows in the schema's order, and the frames' shape.</summary>
/// <remarks>Safe to share between threads. Frame builders are lent for one frame each, so that their number follows the threads, not the hosts.</remarks>
internal sealed class ReplayPlan : IDisposable
{
    /// <summary>Host i starts this many ticks times i into the recording: hosts differ at every moment.</summary>
    public const int TicksBetweenHosts = 37;

    private readonly double[][] _values;
    private readonly byte[][] _present;
    private readonly ConcurrentBag<FrameBuilder> _builders = [];

    public ReplayPlan(Recording recording, int seconds, int ticksPerFrame)
    {
        (Schema, int[] columns) = ReplaySchema.Build(recording.Series);
        Seconds = seconds;
        TicksPerFrame = ticksPerFrame;
        FirstTickMs = recording.FirstTickMs;
        _values = new double[recording.Ticks][];
        _present = new byte[recording.Ticks][];
        for (int t = 0; t < recording.Ticks; t++)
        {
            ReadOnlySpan<double> values = recording.Values(t);
            ReadOnlySpan<byte> present = recording.Present(t);
            _values[t] = new double[columns.Length];
            _present[t] = new byte[columns.Length];
            for (int s = 0; s < columns.Length; s++)
            {
                _values[t][s] = values[columns[s]];
                _present[t][s] = present[columns[s]];
            }
        }
    }

    public Schema Schema { get; }

    /// <summary>Ticks per host.</summary>
    public int Seconds { get; }

    public int TicksPerFrame { get; }

    /// <summary>Time of tick 0 of every host, Unix ms.</summary>
    public long FirstTickMs { get; }

    /// <summary>Time of a host's tick, Unix ms: it runs on while the recording wraps.</summary>
    public long TimeOf(int tick) => FirstTickMs + (tick * 1000L);

    /// <summary>The snapshot that a host replays at a tick.</summary>
    public static int SnapshotOf(int host, int tick, int snapshots) => (int)((((long)host * TicksBetweenHosts) + tick) % snapshots);

    /// <summary>The values of a host's tick in the schema's order.</summary>
    public ReadOnlySpan<double> Values(int host, int tick) => _values[SnapshotOf(host, tick, _values.Length)];

    /// <summary>1 per value that is there, 0 per missing one.</summary>
    public ReadOnlySpan<byte> Present(int host, int tick) => _present[SnapshotOf(host, tick, _values.Length)];

    /// <summary>An empty builder, to be given back empty.</summary>
    public FrameBuilder Borrow() => _builders.TryTake(out FrameBuilder? builder) ? builder : new FrameBuilder(Schema, TicksPerFrame);

    public void GiveBack(FrameBuilder builder) => _builders.Add(builder);

    public void Dispose()
    {
        while (_builders.TryTake(out FrameBuilder? builder)) builder.Dispose();
    }
}
