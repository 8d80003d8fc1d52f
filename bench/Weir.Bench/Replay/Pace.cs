namespace Weir.Bench.Replay;

/// <summary>When ticks leave.</summary>
internal enum Pace
{
    /// <summary>As fast as acks allow.</summary>
    Max,

    /// <summary>One tick a second of wall time, the hosts spread evenly over the second.</summary>
    Real,
}
