using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>The file <c>acks</c>: which entries are settled, written now and then. What it forgets is sent again.</summary>
/// <remarks>Version (u8), count (varint), per epoch its number (u64) and the intervals of settled seqs, then CRC-32C (u32) over all before.</remarks>
internal sealed class AckFile(IFileSystem files, string directory)
{
    /// <summary>Name of the file.</summary>
    public const string Name = "acks";

    private const byte Version = 1;
    private const int MaxBytes = 16 << 20;

    /// <summary>The content of the file.</summary>
    public static byte[] Encode(IReadOnlyCollection<EpochBook> epochs)
    {
        var body = new ByteWriter();
        body.U8(Version);
        body.Varint((ulong)epochs.Count);
        foreach (EpochBook book in epochs)
        {
            body.U64(book.Epoch);
            book.Settled.Write(body);
        }

        body.U32(Crc32C.Compute(body.Written));
        return body.Written.ToArray();
    }

    /// <summary>Replaces the file.</summary>
    public void Write(byte[] content) => files.Replace(directory, Name, content);

    /// <summary>Reads the settled seqs per epoch; a damaged or missing file means that none are.</summary>
    public IReadOnlyList<(ulong Epoch, SeqSet Settled)> Read()
    {
        var found = new List<(ulong, SeqSet)>();
        string path = Path.Combine(directory, Name);
        if (!files.FileExists(path)) return found;
        using IFile file = files.Open(path, write: false);
        if (file.Length is < 5 or > MaxBytes) return found;
        var bytes = new byte[file.Length];
        if (file.Read(0, bytes) != bytes.Length) return found;
        ReadOnlySpan<byte> body = bytes.AsSpan(0, bytes.Length - sizeof(uint));
        var crc = new ByteReader(bytes.AsSpan(body.Length));
        if (crc.U32() != Crc32C.Compute(body)) return found;
        var reader = new ByteReader(body);
        if (reader.U8() != Version) return found;
        for (int i = reader.Count(int.MaxValue); i > 0; i--)
        {
            ulong epoch = reader.U64();
            SeqSet settled = SeqSet.Read(ref reader);
            if (reader.Failed) break;
            found.Add((epoch, settled));
        }

        return found;
    }
}
