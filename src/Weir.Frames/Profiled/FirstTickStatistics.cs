namespace Weir.Frames.Profiled;

/// <summary>How far a series strays from its base with distance, and the profile fields that code a frame's first tick shortest. Reused; not thread-safe.</summary>
internal sealed class FirstTickStatistics
{
    private const int Growths = 3;

    // One distance in seven is enough to tell, and coprime to the usual periods.
    private const int Stride = 7;

    private readonly MagnitudeHistogram _magnitudes = new();

    /// <summary>Chooses the fields, looking backwards from the base: a walk looks the same from both ends.</summary>
    /// <param name="levels">Levels of the window, the base last.</param>
    /// <param name="leader">Levels of the twin, if one is followed; else empty.</param>
    /// <param name="profile">Its rate is set; its fields of the first tick are chosen.</param>
    public void Choose(ReadOnlySpan<long> levels, ReadOnlySpan<long> leader, ref SeriesProfile profile)
    {
        long best = long.MaxValue;
        for (byte growth = 0; growth < Growths; growth++)
        {
            _magnitudes.Clear();
            for (int age = 1; age < levels.Length; age += age < Stride ? 1 : Stride)
            {
                int at = levels.Length - 1 - age;
                long predicted = leader.IsEmpty ? -((profile.Rate * age) >> 8) : leader[at];
                long residual = levels[at] - predicted;
                if (residual != 0) _magnitudes.Add(residual, (growth * ProfileTables.Sixteenth(age)) >> 5);
            }

            long length = _magnitudes.Choose(out byte spread, out byte center);
            if (length >= best) continue;
            best = length;
            (profile.Growth, profile.FirstSpread, profile.FirstCenter) = (growth, spread, center);
        }
    }
}
