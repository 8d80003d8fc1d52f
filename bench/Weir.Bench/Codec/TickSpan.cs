namespace Weir.Bench.Codec;

/// <summary>Ticks that travel together.</summary>
/// <param name="First">The first tick, from 0.</param>
/// <param name="Count">How many.</param>
internal readonly record struct TickSpan(int First, int Count)
{
    /// <summary>The tick behind the last.</summary>
    public int End => First + Count;
}
