namespace Weir.Agent.Collection;

/// <summary>The frame builders of one schema: one gathers ticks while others wait for the spool.</summary>
/// <remarks>
/// Rented by the engine, returned by the spool queue's consumer. Two are in use normally; a spool that stands still takes more, up to
/// <see cref="Limit"/>, and then a tick's samples are declared as dropped.
/// </remarks>
internal sealed class BuilderPool(Schema schema, int maxTicks)
{
    /// <summary>Most builders: at five seconds a frame the spool may stand still for a good minute, at one second for a quarter of it.</summary>
    public const int Limit = 16;

    private readonly Lock _gate = new();
    private readonly Stack<FrameBuilder> _free = new();
    private int _made;
    private bool _retired;

    /// <summary>The schema of all its builders.</summary>
    public Schema Schema => schema;

    /// <summary>Ticks after which a frame is full.</summary>
    public int MaxTicks => maxTicks;

    /// <summary>Whether the sink has taken the schema. Used by the spool queue's consumer only.</summary>
    public bool SchemaSpooled { get; set; }

    /// <summary>An empty builder; null where all are waiting for the spool.</summary>
    public FrameBuilder? TryRent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out FrameBuilder? builder)) return builder;
            if (_made == Limit) return null;
            _made++;
        }

        return new FrameBuilder(schema, maxTicks);
    }

    /// <summary>Gives a builder back, whatever it still holds.</summary>
    public void Return(FrameBuilder builder)
    {
        builder.Clear();
        lock (_gate)
        {
            if (!_retired)
            {
                _free.Push(builder);
                return;
            }
        }

        builder.Dispose();
    }

    /// <summary>Frees what is idle now and what comes back later: the group has a new schema.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
            while (_free.TryPop(out FrameBuilder? builder)) builder.Dispose();
        }
    }
}
