using Weir.Log;

namespace Weir.Scenarios.Oracle;

/// <summary>What names an entry everywhere.</summary>
internal readonly record struct EntryName(AgentId Agent, ulong Epoch, ulong Seq);
