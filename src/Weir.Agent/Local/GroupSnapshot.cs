namespace Weir.Agent.Local;

/// <summary>What a group's last closed tick brought, copied.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Schema">Its series.</param>
/// <param name="TickMs">The tick, Unix ms.</param>
/// <param name="Values">A value per series; means nothing where none is present.</param>
/// <param name="Present">1 where a series has a value.</param>
internal sealed record GroupSnapshot(string Group, Schema Schema, long TickMs, double[] Values, byte[] Present);
