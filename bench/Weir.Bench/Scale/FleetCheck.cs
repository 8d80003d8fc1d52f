namespace Weir.Bench.Scale;

/// <summary>Whether the store holds what was written: figures of anything else would mean nothing.</summary>
internal static class FleetCheck
{
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static void Frames(FleetStorage storage, long written)
    {
        long held = storage.HotFrames();
        if (held != written) throw new InvalidDataException($"{written} frames were written and the index holds {held}");
    }
}
