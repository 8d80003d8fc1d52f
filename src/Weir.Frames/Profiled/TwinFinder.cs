namespace Weir.Frames.Profiled;

/// <summary>Finds, for a series, an earlier one whose steps equal its own in most ticks. Reused; not thread-safe.</summary>
/// <remarks>
/// Each series leaves the newest of its moves in a table, keyed by tick and step; a later one that made the same moves finds the first that did. What is found is
/// checked tick by tick by the caller, so a collision costs time, never bytes.
/// </remarks>
internal sealed class TwinFinder
{
    private const int Moves = 16;

    // Fewer moves than these in common are chance.
    private const int LeastVotes = 4;

    private readonly int[] _candidates = new int[Moves];
    private readonly int[] _votes = new int[Moves];
    private ulong[] _keys = [];
    private int[] _series = [];

    /// <summary>Forgets all series.</summary>
    public void Reset(int series)
    {
        int size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, series * Moves * 2));
        if (_keys.Length < size)
        {
            _keys = new ulong[size];
            _series = new int[size];
        }
        else
        {
            Array.Clear(_keys);
        }
    }

    /// <summary>Looks for a candidate and enters the series itself.</summary>
    /// <param name="series">Its number; numbers ascend from call to call.</param>
    /// <param name="profile">Its form and quantum.</param>
    /// <param name="levels">Its levels.</param>
    /// <returns>The candidate; -1 where there is none.</returns>
    public int FindAndAdd(int series, in SeriesProfile profile, ReadOnlySpan<long> levels)
    {
        ulong kind = Mix(((ulong)profile.Quantum << 4) | profile.Form);
        int moves = 0, candidates = 0;
        for (int t = levels.Length - 1; t > 0 && moves < Moves; t--)
        {
            long step = levels[t] - levels[t - 1];
            if (step == 0) continue;
            moves++;
            int slot = SlotOf(Mix(kind + (ulong)step + Mix((ulong)t)) | 1, out bool known);
            if (known) Vote(_series[slot], ref candidates);
            else _series[slot] = series;
        }

        int best = -1, votes = Math.Max(LeastVotes, (moves + 1) / 2) - 1;
        for (int i = 0; i < candidates; i++)
            if (_votes[i] > votes) (best, votes) = (_candidates[i], _votes[i]);
        return best;
    }

    private void Vote(int series, ref int candidates)
    {
        int i = _candidates.AsSpan(0, candidates).IndexOf(series);
        if (i >= 0)
        {
            _votes[i]++;
            return;
        }

        _candidates[candidates] = series;
        _votes[candidates++] = 1;
    }

    private int SlotOf(ulong key, out bool known)
    {
        int mask = _keys.Length - 1, slot = (int)(key >> 20) & mask;
        while (_keys[slot] != 0 && _keys[slot] != key) slot = (slot + 1) & mask;
        known = _keys[slot] == key;
        _keys[slot] = key;
        return slot;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
        return x ^ (x >> 32);
    }
}
