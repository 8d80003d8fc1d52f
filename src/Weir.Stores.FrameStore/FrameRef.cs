using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>Where a frame stands in the log, and what decides between it and another frame that covers the same time.</summary>
/// <param name="FirstMs">Time of its first tick, Unix ms.</param>
/// <param name="LastMs">Time of its last tick, Unix ms.</param>
/// <param name="Position">Position of its bytes in the log.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Ticks">Its ticks.</param>
/// <param name="LogClass">Class of the log.</param>
/// <param name="Rank">Precedence at equal times.</param>
/// <param name="Baseline">What a frame of codec 1 is decoded with; null for codec 0.</param>
internal readonly record struct FrameRef(long FirstMs, long LastMs, long Position, int Length, int Ticks, LogClass LogClass, FrameRank Rank, PackedBaseline? Baseline);
