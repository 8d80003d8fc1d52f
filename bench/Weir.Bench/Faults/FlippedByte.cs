namespace Weir.Bench.Faults;

/// <summary>A byte that a disk gives back wrong.</summary>
internal static class FlippedByte
{
    /// <summary>Flips all bits of a byte of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="from">Where the range begins that the byte lies in.</param>
    /// <param name="to">Where it ends.</param>
    /// <param name="percent">How far into it the byte lies.</param>
    public static void Within(string path, long from, long to, int percent)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = from + ((to - from) * percent / 100);
        int before = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)~before);
    }
}
