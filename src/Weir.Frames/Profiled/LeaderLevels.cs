namespace Weir.Frames.Profiled;

/// <summary>The levels of those series that others follow, while a frame is coded.</summary>
internal sealed class LeaderLevels
{
    private long[] _levels = [];
    private bool[] _known = [];
    private int _ticks;

    /// <summary>Forgets all levels.</summary>
    public void Reset(int leaders, int ticks)
    {
        _ticks = ticks;
        if (_levels.Length < leaders * ticks) _levels = new long[leaders * ticks];
        if (_known.Length < leaders) _known = new bool[leaders];
        _known.AsSpan(0, leaders).Clear();
    }

    /// <summary>Keeps a leader's levels; they count only where it has one at every tick.</summary>
    public void Keep(int slot, ReadOnlySpan<long> levels)
    {
        if (slot < 0 || levels.Length != _ticks) return;
        levels.CopyTo(_levels.AsSpan(slot * _ticks));
        _known[slot] = true;
    }

    /// <summary>Keeps a leader that stands at its base.</summary>
    public void KeepStill(int slot, int ticks)
    {
        if (slot < 0 || ticks != _ticks) return;
        _levels.AsSpan(slot * _ticks, _ticks).Clear();
        _known[slot] = true;
    }

    /// <summary>A leader's levels for a follower of as many ticks; empty where it has none to follow.</summary>
    public ReadOnlySpan<long> Of(int slot, int ticks) => _known[slot] && ticks == _ticks ? _levels.AsSpan(slot * _ticks, _ticks) : default;
}
