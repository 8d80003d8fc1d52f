using Weir.Agent.Collection;
using Weir.Bench.Replay;
using Weir.Frames;

namespace Weir.Bench.Outage;

/// <summary>Collects a recording, a snapshot at each tick; at its end it begins anew, where counters fall back as at a reboot.</summary>
/// <param name="rows">The recording.</param>
/// <param name="first">The snapshot to begin with.</param>
internal sealed class ReplayCollector(RecordingRows rows, int first) : ICollector
{
    private int _tick = first;

    public string Name => "recording";

    /// <summary>Values given so far.</summary>
    public long Values { get; private set; }

    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(rows.Schema.Parts);
        ReadOnlySpan<double> values = rows.Values(_tick);
        ReadOnlySpan<byte> present = rows.Present(_tick);
        for (int s = 0; s < values.Length; s++)
        {
            if (present[s] == 0) continue;
            columns.Set(s, values[s]);
            Values++;
        }

        _tick = (_tick + 1) % rows.Ticks;
    }

    public void Dispose()
    {
        // Holds nothing.
    }
}
