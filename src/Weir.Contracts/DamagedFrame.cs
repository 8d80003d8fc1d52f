using Weir.Log;

namespace Weir.Contracts;

/// <summary>A frame whose bytes the log does not give, or gives with a checksum that does not hold.</summary>
/// <param name="Agent">Whose.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Seq">Its number in the epoch.</param>
/// <param name="LogClass">Class of the log it stands in.</param>
/// <param name="Position">Position of its bytes.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="FirstMs">Time of its first tick, Unix ms.</param>
/// <param name="LastMs">Time of its last tick, Unix ms.</param>
public readonly record struct DamagedFrame(AgentKey Agent, ulong Epoch, ulong Seq, LogClass LogClass, long Position, int Length, long FirstMs, long LastMs);
