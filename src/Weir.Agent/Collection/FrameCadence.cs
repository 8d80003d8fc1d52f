namespace Weir.Agent.Collection;

/// <summary>Decides how many ticks a group's frame has when it closes. Used by the engine's thread only.</summary>
/// <remarks>
/// The first rule that fits: the first ticks of an epoch go alone; under a live lease each tick does; with 0 configured each tick does; where nobody
/// receives, or the link is metered or too slow, a frame gathers up to a minute; an interval above <see cref="LongestGatheredMs"/> goes alone; else what is
/// configured. Minute boundaries, schema and clock changes cut a frame whatever this says.
/// </remarks>
internal sealed class FrameCadence(DeliverySignals signals, long intervalMs, CadenceOptions options)
{
    /// <summary>Groups slower than this are late enough without gathering.</summary>
    public const long LongestGatheredMs = 5_000;

    private int _epochs = signals.Epochs;
    private int _first = options.FirstTicks;

    /// <summary>Ticks of a frame in the steady state.</summary>
    public int ShortTicks { get; } = intervalMs > LongestGatheredMs ? 1 : TicksWithin(options.FrameSeconds * 1000L, intervalMs);

    /// <summary>Most ticks of any frame.</summary>
    public int LongTicks { get; } = options.FrameSeconds == 0 ? 1 : TicksWithin(WindowAccount.WindowLengthMs, intervalMs);

    /// <summary>Decides for a tick that is being gathered; to be asked once for each.</summary>
    /// <returns>The frame closes with this tick when it then holds as many or more.</returns>
    public int Next()
    {
        if (_epochs != signals.Epochs) (_epochs, _first) = (signals.Epochs, options.FirstTicks);
        bool isFirst = _first > 0;
        if (isFirst) _first--;
        if (isFirst || signals.IsWatched) return 1;
        return options.IsMetered || !signals.IsReceived || signals.IsBehind ? LongTicks : ShortTicks;
    }

    private static int TicksWithin(long lengthMs, long intervalMs) => (int)Math.Max(1, lengthMs / intervalMs);
}
