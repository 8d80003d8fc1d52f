using Weir.Agent.Identity;
using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>What an agent of a run leaves to the judge.</summary>
/// <param name="State">Who it is.</param>
/// <param name="Archive">What its spool has ever held.</param>
/// <param name="WasDamaged">Whether somebody damaged its files.</param>
/// <param name="IsNarrow">Whether its spool is too small for what it makes.</param>
internal sealed record AgentSpool(AgentState State, SegmentArchive Archive, bool WasDamaged = false, bool IsNarrow = false);
