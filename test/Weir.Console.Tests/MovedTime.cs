namespace Weir.Console.Tests;

/// <summary>A clock that a test moves.</summary>
internal sealed class MovedTime : TimeProvider
{
    public long Seconds { get; set; } = 1;

    public override long TimestampFrequency => 1;

    public override long GetTimestamp() => Seconds;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(Seconds);
}
