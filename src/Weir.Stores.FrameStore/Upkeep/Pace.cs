namespace Weir.Stores.FrameStore.Upkeep;

/// <summary>Holds background work to a share of one core: behind each piece of work it rests in proportion.</summary>
internal sealed class Pace(TimeProvider time, double share)
{
    // Shorter rests cost more than they give back.
    private static readonly TimeSpan LeastRest = TimeSpan.FromMilliseconds(5);

    private long _begun = time.GetTimestamp();
    private TimeSpan _owed;

    /// <summary>Whether to work without rests: the log grows faster than it is sealed.</summary>
    public bool IsUrgent { get; set; }

    /// <summary>A piece of work begins.</summary>
    public void Begin() => _begun = time.GetTimestamp();

    /// <summary>A piece of work is done: rests as long as is owed.</summary>
    public async ValueTask RestAsync(CancellationToken cancellationToken)
    {
        _owed += time.GetElapsedTime(_begun) * ((1 / share) - 1);
        if (IsUrgent) _owed = TimeSpan.Zero;
        if (_owed >= LeastRest)
        {
            await Task.Delay(_owed, time, cancellationToken);
            _owed = TimeSpan.Zero;
        }

        Begin();
    }
}
