namespace Weir.Frames.Profiled;

/// <summary>Makes the profiles of one schema from those of another that shares series with it.</summary>
internal static class ProfileDerivation
{
    /// <summary>Makes them.</summary>
    /// <param name="known">Profiles of <paramref name="from"/>.</param>
    /// <param name="from">The schema that they are of.</param>
    /// <param name="to">The schema that they are wanted for.</param>
    /// <param name="values">Its first tick.</param>
    /// <param name="present">Which values are present.</param>
    public static ProfileSet Derive(ProfileSet known, Schema from, Schema to, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        int[] places = from.PlacesIn(to);
        var set = new ProfileSet();
        Span<SeriesProfile> profiles = set.Reset(to.SeriesCount);
        var moved = new int[from.SeriesCount];
        Array.Fill(moved, -1);
        for (int s = 0; s < profiles.Length; s++)
        {
            if (places[s] < 0) continue;
            profiles[s] = known.Profiles[places[s]];
            moved[places[s]] = s;
            if (profiles[s].Twin >= 0) profiles[s].Twin = moved[profiles[s].Twin];
            // The twin has gone, or stands behind now.
            if (profiles[s].Twin < 0 && profiles[s].Predictor == Predictor.Twin) profiles[s].Predictor = Predictor.None;
        }

        int start = 0;
        foreach (SchemaPart part in to.Parts)
        {
            for (int metric = 0; metric < part.Template.Metrics.Count; metric++)
                Introduce(profiles, places, start + metric, start + part.SeriesCount, part.Template.Metrics.Count, values, present);
            start += part.SeriesCount;
        }

        return set;
    }

    // The new series of one metric take after the first old one that moves.
    private static void Introduce(
        Span<SeriesProfile> profiles, ReadOnlySpan<int> places, int first, int end, int stride, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        SeriesProfile model = SeriesProfile.Still;
        for (int s = first; s < end && model.Constant; s += stride)
            if (places[s] >= 0) model = profiles[s] with { Absent = false, Twin = -1, Rate = 0 };
        model.Predictor = Predictor.None;
        for (int s = first; s < end; s += stride)
            if (places[s] < 0) profiles[s] = present[s] == 0 ? SeriesProfile.Still with { Absent = true } : From(model, values[s]);
    }

    private static SeriesProfile From(SeriesProfile model, double value)
    {
        if (NumberForm.TryToInteger(value, model.Form, out model.Base)) return model;
        model.Form = NumberForm.FormOf(value);
        model.Quantum = 1;
        NumberForm.TryToInteger(value, model.Form, out model.Base);
        return model;
    }
}
