namespace Weir.Agent.Collection;

/// <summary>The frame builders of one schema: one gathers ticks while others wait for the spool.</summary>
/// <remarks>
/// <para>
/// Rented by the engine, returned by the spool queue's consumer. Two are in use normally; a spool that stands still takes more, up to
/// <see cref="Limit"/>, and then a tick's samples are declared as dropped.
/// </para>
/// <para>
/// Two sizes, since a builder's memory is that of its most ticks: short ones for every day, and long ones (60 ticks of 500 series: 270 KB) for the
/// time that nobody receives. Long ones are freed as soon as a short one is rented again.
/// </para>
/// </remarks>
internal sealed class BuilderPool(string group, Schema schema, int shortTicks, int longTicks, GroupProfiles profiles)
{
    /// <summary>Most builders: at five seconds a frame the spool may stand still for a good minute, at one second for a quarter of it.</summary>
    public const int Limit = 16;

    /// <summary>How many of them may be long; beyond, frames are short again.</summary>
    public const int LongLimit = 4;

    private readonly Lock _gate = new();
    private readonly Stack<FrameBuilder> _short = new();
    private readonly Stack<FrameBuilder> _long = new();
    private readonly HashSet<FrameBuilder> _longMade = [];
    private int _made;

    /// <summary>The group that it is for.</summary>
    public string Group => group;

    /// <summary>The schema of all its builders.</summary>
    public Schema Schema => schema;

    /// <summary>How the group's series behave. Used by the spool queue's consumer only.</summary>
    public GroupProfiles Profiles => profiles;

    /// <summary>Whether the sink has taken the schema. Used by the spool queue's consumer only.</summary>
    public bool SchemaSpooled { get; set; }

    /// <summary>An empty builder; null where all are waiting for the spool.</summary>
    /// <param name="ticks">How many ticks it is meant to gather: above the short size it is a long one.</param>
    public FrameBuilder? TryRent(int ticks)
    {
        bool isLong = ticks > shortTicks && longTicks > shortTicks;
        lock (_gate)
        {
            if (!isLong) FreeLong();
            if (isLong && _long.TryPop(out FrameBuilder? builder)) return builder;
            isLong &= _longMade.Count < LongLimit;
            if (!isLong && _short.TryPop(out builder)) return builder;
            if (_made == Limit) return null;
            _made++;
            builder = new FrameBuilder(schema, isLong ? longTicks : shortTicks);
            if (isLong) _longMade.Add(builder);
            return builder;
        }
    }

    /// <summary>Gives a builder back, whatever it still holds.</summary>
    public void Return(FrameBuilder builder)
    {
        builder.Clear();
        lock (_gate) (_longMade.Contains(builder) ? _long : _short).Push(builder);
    }

    private void FreeLong()
    {
        while (_long.TryPop(out FrameBuilder? builder))
        {
            _longMade.Remove(builder);
            _made--;
        }
    }
}
