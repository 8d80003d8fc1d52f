using System.Globalization;

namespace Weir.Bench.Upload;

/// <summary>One run of the client, from its start until it or the server was killed, or it was done.</summary>
/// <param name="Killed">What was killed at its end: client, server, both; nothing.</param>
/// <param name="Bytes">Bytes from the client to the server, HTTP included.</param>
/// <param name="There">Chunks that the server had behind it.</param>
internal sealed record UploadLeg(string Killed, long Bytes, int There);

/// <summary>What an upload with kills took.</summary>
/// <param name="FileBytes">Bytes of the file.</param>
/// <param name="ChunkBytes">Bytes of a chunk.</param>
/// <param name="Chunks">Chunks of the file.</param>
/// <param name="Legs">The runs, in order.</param>
/// <param name="Repeat">Bytes of one more run behind them: the same file again.</param>
internal sealed record UploadReport(long FileBytes, int ChunkBytes, int Chunks, IReadOnlyList<UploadLeg> Legs, long Repeat)
{
    /// <summary>Bytes over all runs.</summary>
    public long Sent => Legs.Sum(static leg => leg.Bytes);

    /// <summary>Bytes sent beyond those of the file.</summary>
    public long Again => Sent - FileBytes;

    /// <summary>Most of them: the chunks on their way at each kill, and a hundredth for HTTP.</summary>
    public long AgainLimit => ((Legs.Count - 1) * UploadRun.Parallel * (long)ChunkBytes) + (FileBytes / 100) + (Legs.Count * 64L * 1024);

    /// <summary>Writes the table.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(Line("run", "ends with", "bytes sent", "chunks there"));
        for (int i = 0; i < Legs.Count; i++)
            output.WriteLine(Line((i + 1).ToString(CultureInfo.InvariantCulture), Legs[i].Killed, Legs[i].Bytes.ToString("N0", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{Legs[i].There} of {Chunks}")));
        output.WriteLine(Line("again", "nothing", Repeat.ToString("N0", CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{Chunks} of {Chunks}")));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{FileBytes:N0} bytes of file, {Sent:N0} sent: {Again:N0} beyond it, at most {AgainLimit:N0}"));
    }

    private static string Line(string run, string killed, string bytes, string there) => $"{run,-6} {killed,-12} {bytes,16} {there,16}";
}
