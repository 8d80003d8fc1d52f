using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>The file <c>acks</c>: which entries are settled, written now and then. What it forgets is sent again.</summary>
internal sealed class AckFile(IFileSystem files, string directory)
{
    private const string Name = "acks";
    private const byte Version = 1;
    private const int MaxBytes = 16 << 20;

    /// <summary>Writes the settled seqs of all epochs.</summary>
    public void Write(IEnumerable<EpochBook> epochs)
    {
        EpochBook[] books = [.. epochs];
        var body = new ByteWriter();
        body.U8(Version);
        body.Varint((ulong)books.Length);
        foreach (EpochBook book in books)
        {
            body.U64(book.Epoch);
            book.Settled.Write(body);
        }

        body.U32(Crc32C.Compute(body.Written));
        files.Replace(directory, Name, body.Written);
    }

    /// <summary>Reads the settled seqs of the epochs that the spool holds; a damaged or missing file means that none are.</summary>
    public void Read(IReadOnlyDictionary<ulong, EpochBook> epochs)
    {
        string path = Path.Combine(directory, Name);
        if (!files.FileExists(path)) return;
        using IFile file = files.Open(path, write: false);
        if (file.Length is < 5 or > MaxBytes) return;
        var bytes = new byte[file.Length];
        if (file.Read(0, bytes) != bytes.Length) return;
        ReadOnlySpan<byte> body = bytes.AsSpan(0, bytes.Length - 4);
        var crc = new ByteReader(bytes.AsSpan(bytes.Length - 4));
        if (crc.U32() != Crc32C.Compute(body)) return;
        var reader = new ByteReader(body);
        if (reader.U8() != Version) return;
        for (int i = reader.Count(int.MaxValue); i > 0 && !reader.Failed; i--)
        {
            ulong epoch = reader.U64();
            SeqSet settled = SeqSet.Read(ref reader);
            if (reader.Failed || !epochs.TryGetValue(epoch, out EpochBook? book)) continue;
            // The file may name entries that a crash took from the end of the spool; their seqs will be given out anew.
            foreach ((ulong first, ulong last) in settled.Ranges)
                if (first <= book.LastSeq) book.Settled.Add(first, Math.Min(last, book.LastSeq));
        }
    }
}
