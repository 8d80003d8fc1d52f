using Microsoft.Extensions.Time.Testing;

namespace Weir.Agent.Tests.Collection;

/// <summary>A clock whose wall time can be stepped while its monotonic time goes on, as on a real machine.</summary>
internal sealed class SteppedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    /// <summary>How far the wall clock is from where it began.</summary>
    public TimeSpan WallOffset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + WallOffset;

    // The base class derives it from the wall time that it shows.
    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
