namespace Weir.Bench.Faults;

/// <summary>A byte that a disk gives back wrong.</summary>
internal static class FlippedByte
{
    // The exact middle of blocks of one size is where two of them meet: the length of the second, and not what nearly all bytes are.
    private const double Place = 0.53;

    /// <summary>Flips all bits of a byte a little behind the middle of a range of a file.</summary>
    public static void Within(string path, long from, long to)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = from + (long)((to - from) * Place);
        int before = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)~before);
    }
}
