using Weir.Log;

namespace Weir.Stores.FrameStore;

/// <summary>A <see cref="FrameRef"/> in 32 bytes, as groups hold it by the hundred.</summary>
/// <remarks>
/// Limits: first tick and position below 2^48 and 2^47 (what headers and disks hold), length up to 2^20, ticks up to 4,095.
/// A span of 2^31 ms (24 days) or more is kept in seconds, rounded up.
/// </remarks>
internal readonly struct PackedFrame
{
    private const int LowBits = 48;
    private const ulong LowMask = (1UL << LowBits) - 1;
    private const uint SecondsFlag = 1u << 31;

    private readonly ulong _firstMs;
    private readonly ulong _place;
    private readonly ulong _seq;
    private readonly uint _span;
    private readonly uint _shape;

    /// <summary>Packs a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="origin">Index of its origin in the group's table.</param>
    public PackedFrame(in FrameRef frame, int origin)
    {
        long span = frame.LastMs - frame.FirstMs;
        _firstMs = (ulong)frame.FirstMs | ((ulong)(uint)(origin >> 16) << LowBits);
        _place = ((ulong)frame.Position << 1) | (ulong)frame.LogClass | ((ulong)(uint)(origin & 0xFFFF) << LowBits);
        _seq = frame.Rank.Seq;
        _span = span < SecondsFlag ? (uint)span : SecondsFlag | (uint)Math.Min((span + 999) / 1000, int.MaxValue);
        _shape = ((uint)(frame.Length - 1) << 12) | (uint)frame.Ticks;
    }

    /// <summary>Time of the first tick, Unix ms.</summary>
    public long FirstMs => (long)(_firstMs & LowMask);

    /// <summary>Time of the last tick, Unix ms.</summary>
    public long LastMs => FirstMs + (_span < SecondsFlag ? _span : (_span & ~SecondsFlag) * 1000L);

    /// <summary>Class of the log.</summary>
    public LogClass LogClass => (LogClass)(_place & 1);

    /// <summary>Position in the log.</summary>
    public long Position => (long)((_place & LowMask) >> 1);

    /// <summary>Index of the origin.</summary>
    public int Origin => (int)((_firstMs >> LowBits) << 16) | (int)(_place >> LowBits);

    /// <summary>The frame.</summary>
    public FrameRef Unpack(FrameOrigin origin) => new(
        FirstMs, LastMs, Position, (int)(_shape >> 12) + 1, (int)(_shape & 0xFFF), LogClass,
        new FrameRank(origin.ClockGeneration, origin.StartNumber, _seq, origin.Epoch), origin.Baseline);

    /// <summary>The same frame with its origin at another index.</summary>
    public PackedFrame WithOrigin(int origin, FrameOrigin value) => new(Unpack(value), origin);
}
