namespace Weir.Agent.Collectors.Processes;

/// <summary>Chooses the executable names that have series of their own.</summary>
/// <remarks>
/// In comes a name that is among the top N by CPU time, by memory or by disk I/O; CPU and I/O are those of the last minute or so (each tick weighs by its age, with
/// a time constant of <see cref="Memory"/>). It stays until it has been outside of the top 2N of all three for <see cref="Stay"/>. Of equals the reported one is
/// before, and while fewer than 2N names use any CPU time every living name counts as near: on a quiet host nothing moves. At most 4N names are reported, and at
/// most <see cref="MaxReported"/>: a newcomer then takes the place of the one that has been out of the top N the longest, once that is <see cref="Stay"/>. A name
/// that the configuration includes counts as top while it lives. The first tick ranks by what processes used in their whole life. Not thread-safe; a tick without
/// change allocates nothing.
/// </remarks>
internal sealed class NameRanking(int top)
{
    /// <summary>Most names: with eleven series each they stay below <see cref="Columns.MaxSeries"/>.</summary>
    public const int MaxReported = 700;

    /// <summary>How long a name stays after it left the top 2N.</summary>
    public static readonly TimeSpan Stay = TimeSpan.FromSeconds(60);

    /// <summary>How long use is remembered: after this time it weighs 1/e.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    // What has decayed to less than a thousandth of a tick, or of a byte, is nothing.
    private const double Negligible = 1e-3;
    private const double Incumbent = 1 + 1e-9;

    private double[] _keys = [];
    private int[] _order = [];
    private int _reported;
    private TimeSpan _last;
    private long _ticks;

    private int Most => Math.Min(4 * top, MaxReported);

    /// <summary>Ranks the names of a tick.</summary>
    /// <param name="names">All of them.</param>
    /// <param name="now">Time since the watch began.</param>
    /// <returns>Whether the reported names are others than before.</returns>
    public bool Rank(List<NameTotals> names, TimeSpan now)
    {
        // What the first tick ranks by is not of the last minute: the second begins anew.
        double keep = _ticks < 2 ? 0 : Math.Exp(-(now - _last) / Memory);
        _last = now;
        _ticks++;
        foreach (NameTotals name in names)
        {
            if (_ticks > 1)
            {
                name.CpuScore = Decayed(name.CpuScore, keep) + name.Delta.Cpu;
                name.IoScore = Decayed(name.IoScore, keep) + name.Delta.Io;
            }

            name.IsTop = name.IsNear = name.IsWanted && name.Alive > 0;
        }

        bool isQuiet = Mark(names, static name => name.CpuScore) < 2 * top;
        Mark(names, static name => name.Now.ResidentBytes);
        Mark(names, static name => name.IoScore);
        foreach (NameTotals name in names) name.IsNear |= isQuiet && name.Alive > 0;
        return Leave(names, now) | Enter(names, now);
    }

    /// <summary>A name is gone that was reported.</summary>
    public void Forget(NameTotals name)
    {
        if (name.IsReported) _reported--;
        name.IsReported = false;
    }

    // Tells how many have a score at all.
    private int Mark(List<NameTotals> names, Func<NameTotals, double> score)
    {
        if (_keys.Length < names.Count)
        {
            _keys = new double[names.Count * 2];
            _order = new int[names.Count * 2];
        }

        Span<double> keys = _keys.AsSpan(0, names.Count);
        Span<int> order = _order.AsSpan(0, names.Count);
        for (int i = 0; i < names.Count; i++)
        {
            // Negative: the sort ascends.
            keys[i] = -score(names[i]) * (names[i].IsReported ? Incumbent : 1);
            order[i] = i;
        }

        keys.Sort(order);
        int used = keys.IndexOf(0d);
        if (used < 0) used = keys.Length;
        for (int rank = 0; rank < keys.Length; rank++)
        {
            NameTotals name = names[order[rank]];
            name.IsTop |= rank < used && rank < top;
            name.IsNear |= rank < used && rank < 2 * top;
        }

        return used;
    }

    private bool Leave(List<NameTotals> names, TimeSpan now)
    {
        bool changed = false;
        foreach (NameTotals name in names)
        {
            if (name.IsTop) name.TopAt = now;
            if (name.IsTop || name.IsNear) name.NearAt = now;
            if (!name.IsReported || now - name.NearAt < Stay) continue;
            Forget(name);
            changed = true;
        }

        return changed;
    }

    private bool Enter(List<NameTotals> names, TimeSpan now)
    {
        bool changed = false;
        foreach (NameTotals name in names)
        {
            if (!name.IsTop || name.IsReported) continue;
            if (_reported == Most)
            {
                if (LongestOut(names) is not { } victim || now - victim.TopAt < Stay) break;
                Forget(victim);
            }

            name.IsReported = true;
            _reported++;
            changed = true;
        }

        return changed;
    }

    private static NameTotals? LongestOut(List<NameTotals> names)
    {
        NameTotals? longest = null;
        foreach (NameTotals name in names)
            if (name.IsReported && !name.IsTop && (longest is null || name.TopAt < longest.TopAt)) longest = name;
        return longest;
    }

    private static double Decayed(double score, double keep) => score * keep is >= Negligible and var kept ? kept : 0;
}
