using Weir.Contracts;
using Weir.Log;

namespace Weir.Writer.Healing;

/// <summary>Entries whose copies before some positions count for nothing, since one of them has proved damaged.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="Epoch">Their epoch.</param>
/// <param name="First">Number of the first.</param>
/// <param name="Last">Number of the last.</param>
/// <param name="Before">Where the writer stood in each class when it gave them up.</param>
/// <param name="FromMs">Time of their first tick, Unix ms; 0 where they are no frames.</param>
/// <param name="ToMs">Time of their last tick.</param>
internal sealed record VoidEntries(AgentKey Agent, ulong Epoch, ulong First, ulong Last, LogPositions Before, long FromMs, long ToMs)
{
    /// <summary>Whether a copy that stands at a position counts for nothing.</summary>
    public bool Covers(ulong seq, LogClass logClass, long position) => seq >= First && seq <= Last && position < Before.Of(logClass);

    /// <summary>The same with another that follows it in the same epoch and was given up at the same place; null where it does not.</summary>
    public VoidEntries? Join(VoidEntries next) =>
        next.Agent == Agent && next.Epoch == Epoch && next.First == Last + 1 && next.Before == Before
            ? this with { Last = next.Last, FromMs = FromMs == 0 ? next.FromMs : FromMs, ToMs = Math.Max(ToMs, next.ToMs) }
            : null;
}
