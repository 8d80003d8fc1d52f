namespace Weir.Frames.Profiled;

/// <summary>The bytes of a profile, in baselines and in blocks of strips. <c>docs/formats/baseline.md</c> draws them.</summary>
internal static class ProfileCodec
{
    private const byte FormMask = 0x0f;
    private const byte ConstantFlag = 0x10;
    private const byte AbsentFlag = 0x20;
    private const byte QuantumFlag = 0x40;
    private const long MaxQuantum = 1L << 48;

    /// <summary>Appends a profile.</summary>
    /// <param name="target">Receives the bytes.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="series">Its series, from which its twin is counted back.</param>
    /// <param name="anchored">Whether columns begin at their base, so that nothing need be said of a first tick.</param>
    public static void Write(ByteWriter target, in SeriesProfile profile, int series, bool anchored)
    {
        int flags = (profile.Constant ? ConstantFlag : 0) | (profile.Absent ? AbsentFlag : 0) | (profile.Quantum > 1 ? QuantumFlag : 0);
        target.U8((byte)(profile.Form | flags));
        if (profile.Form == NumberForm.Raw) target.U64((ulong)profile.Base);
        else target.SignedVarint(profile.Base);
        if (profile.Constant) return;
        if (profile.Quantum > 1) target.Varint((ulong)profile.Quantum);
        target.SignedVarint(profile.Rate);
        target.U8((byte)(profile.ZeroAfterMove | (profile.ZeroAfterZero << 4)));
        target.U8((byte)((int)profile.Predictor | (profile.Sign << 2) | (profile.Spread << 4)));
        target.U8(profile.Center);
        if (!anchored)
        {
            target.U8((byte)(profile.FirstCenter | (profile.Growth << 6)));
            target.U8(profile.FirstSpread);
        }

        if (profile.Predictor == Predictor.Twin) target.Varint((ulong)(series - profile.Twin));
    }

    /// <summary>Reads the profiles of a whole set; false where they are malformed.</summary>
    /// <param name="reader">Stands at the first.</param>
    /// <param name="count">How many.</param>
    /// <param name="anchored">As they were written.</param>
    /// <param name="set">Receives them; not completed, since who only checks them need not.</param>
    public static bool TryRead(ref ByteReader reader, int count, bool anchored, ProfileSet set)
    {
        Span<SeriesProfile> profiles = set.Reset(count);
        for (int s = 0; s < count; s++)
            if (!TryRead(ref reader, s, anchored, profiles[..s], out profiles[s])) return false;
        return true;
    }

    // A twin must be among the earlier ones.
    private static bool TryRead(ref ByteReader reader, int series, bool anchored, ReadOnlySpan<SeriesProfile> earlier, out SeriesProfile profile)
    {
        profile = SeriesProfile.Still;
        byte first = reader.U8();
        profile.Form = (byte)(first & FormMask);
        profile.Constant = (first & ConstantFlag) != 0;
        profile.Absent = (first & AbsentFlag) != 0;
        bool hasQuantum = (first & QuantumFlag) != 0;
        if (first >> 7 != 0 || profile.Form > NumberForm.Raw || (profile.Constant && hasQuantum)) return false;
        profile.Base = profile.Form == NumberForm.Raw ? (long)reader.U64() : reader.SignedVarint();
        if (profile.Constant) return !reader.Failed;
        if (hasQuantum) profile.Quantum = (long)reader.Varint();
        profile.Rate = reader.SignedVarint();
        byte zeros = reader.U8(), kinds = reader.U8(), center = reader.U8();
        if (!anchored)
        {
            byte firstTick = reader.U8();
            profile.FirstCenter = (byte)(firstTick & 63);
            profile.Growth = (byte)(firstTick >> 6);
            profile.FirstSpread = reader.U8();
        }

        profile.ZeroAfterMove = (byte)(zeros & 15);
        profile.ZeroAfterZero = (byte)(zeros >> 4);
        profile.Predictor = (Predictor)(kinds & 3);
        profile.Sign = (byte)((kinds >> 2) & 3);
        profile.Spread = (byte)(kinds >> 4);
        profile.Center = center;
        if (profile.Quantum is < 1 or > MaxQuantum || (hasQuantum && profile.Quantum == 1) || profile.Predictor > Predictor.Twin || profile.Sign > 2
            || profile.Spread >= ProfileTables.Spreads || center > 63 || profile.Growth > 2 || profile.FirstSpread >= ProfileTables.Spreads) return false;
        return profile.Predictor != Predictor.Twin ? !reader.Failed : TryReadTwin(ref reader, series, earlier, ref profile);
    }

    private static bool TryReadTwin(ref ByteReader reader, int series, ReadOnlySpan<SeriesProfile> earlier, ref SeriesProfile profile)
    {
        int back = reader.Count(series);
        if (reader.Failed || back == 0) return false;
        profile.Twin = series - back;
        ref readonly SeriesProfile leader = ref earlier[profile.Twin];
        return !leader.Constant && leader.Form == profile.Form && leader.Quantum == profile.Quantum;
    }
}
