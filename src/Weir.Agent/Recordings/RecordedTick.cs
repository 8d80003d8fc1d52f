namespace Weir.Agent.Recordings;

/// <summary>One recorded tick of a group.</summary>
/// <param name="Parts">Its series, without those of the agent itself; one list object for all ticks of a schema.</param>
/// <param name="TimeMs">When it was, Unix ms.</param>
/// <param name="Values">A value per series.</param>
/// <param name="Present">1 where a series has a value.</param>
internal sealed record RecordedTick(IReadOnlyList<SchemaPart> Parts, long TimeMs, double[] Values, byte[] Present);
