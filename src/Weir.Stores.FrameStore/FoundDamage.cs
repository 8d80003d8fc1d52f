using Weir.Contracts;

namespace Weir.Stores.FrameStore;

/// <summary>Frames that reads and seals have found damaged, until the writer takes them. Safe for concurrent use.</summary>
/// <remarks>Bounded: beyond <see cref="Max"/> they are found again by the next read, or by the seal.</remarks>
internal sealed class FoundDamage
{
    /// <summary>Frames that wait at a time: a megabyte.</summary>
    public const int Max = 10_000;

    private readonly HashSet<DamagedFrame> _frames = [];

    /// <summary>Takes note of a frame.</summary>
    public void Add(in DamagedFrame frame)
    {
        lock (_frames)
            if (_frames.Count < Max) _frames.Add(frame);
    }

    /// <summary>Hands all of them over.</summary>
    public IReadOnlyList<DamagedFrame> Take()
    {
        lock (_frames)
        {
            if (_frames.Count == 0) return [];
            DamagedFrame[] taken = [.. _frames];
            _frames.Clear();
            return taken;
        }
    }
}
