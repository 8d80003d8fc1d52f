namespace Weir.Agent.Collection;

/// <summary>How a group's series have behaved, and the baseline that its frames store differences from.</summary>
/// <remarks>
/// Used by the spool queue's consumer only, where making a baseline (some ms) delays no tick: at worst frames wait for the spool a moment longer.
/// Memory: a history of at most 300 ticks, 9 B a value, 1.35 MB at 500 series and a second. A tick allocates nothing; a baseline and a change of series do.
/// </remarks>
internal sealed class GroupProfiles(long intervalMs)
{
    // With more strangers than one in eight series the profiles say too little: they are made anew as soon as there are any to be made.
    private const int StrangersShare = 8;

    private readonly BaselineSchedule _schedule = new(intervalMs);
    private ProfileHistory? _history;
    private Baseline? _baseline;
    private double[] _values = [];
    private byte[] _present = [];
    private uint _clockGeneration;

    /// <summary>Takes a frame's ticks in, before it is sealed.</summary>
    /// <param name="builder">The frame.</param>
    /// <param name="clockGeneration">The clock that its ticks ran by.</param>
    /// <returns>The baseline of the ticks before; null where there is none yet.</returns>
    public Baseline? Gather(FrameBuilder builder, uint clockGeneration)
    {
        Schema schema = builder.Schema;
        _history ??= new ProfileHistory(schema, (int)intervalMs);
        if (clockGeneration != _clockGeneration) ForgetTimes(clockGeneration);
        if (_values.Length != schema.SeriesCount)
        {
            _values = new double[schema.SeriesCount];
            _present = new byte[schema.SeriesCount];
        }

        if (_history.Schema.Id != schema.Id) Follow(_history, builder);
        for (int tick = 0; tick < builder.Ticks; tick++)
        {
            long timeMs = builder.CopyTick(tick, _values, _present);
            _history.Add(timeMs, _values, _present);
        }

        _schedule.Gathered(builder.Ticks);
        return _baseline;
    }

    /// <summary>A frame that names the baseline is spooled.</summary>
    public void Spooled(int ticks, int samples, int bytes) => _schedule.Spooled(ticks, samples, bytes);

    /// <summary>Makes a new baseline where one is due.</summary>
    /// <returns>Whether one was.</returns>
    public bool RenewIfDue()
    {
        if (!_schedule.IsDue || _history is not { Ticks: > 0 } history) return false;
        Baseline made = history.MakeBaseline();
        _baseline = Fitting(made);
        // Somewhat more than its packed size: rather a baseline too late than one too many.
        _schedule.Made(made.Canonical.Length);
        return _baseline is not null;
    }

    // One that no entry holds, of some 90,000 series of noise, would keep every frame that names it from the spool: without one they are plain.
    private static Baseline? Fitting(Baseline? baseline) =>
        baseline is null || baseline.Canonical.Length <= SchemaSize.MaxPackedBytes || ObjectCodec.Pack(baseline.Canonical.Span).Length <= SchemaSize.MaxPackedBytes ? baseline : null;

    // Distances from ticks of another clock mean nothing.
    private void ForgetTimes(uint clockGeneration)
    {
        _clockGeneration = clockGeneration;
        _history!.Clear();
        _baseline = null;
        _schedule.Begin(0);
    }

    // Series that both have keep their profiles and their history; new ones begin with the first tick of the frame.
    private void Follow(ProfileHistory history, FrameBuilder builder)
    {
        Schema schema = builder.Schema;
        builder.CopyTick(0, _values, _present);
        _baseline = Fitting(_baseline?.Derive(history.Schema, schema, _values, _present));
        int strangers = history.Follow(schema);
        if (strangers * StrangersShare > schema.SeriesCount) _schedule.Begin(0);
    }
}
