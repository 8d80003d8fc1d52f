using Weir.Log;

namespace Weir.Agent.Spooling;

/// <summary>The file <c>acks</c>: how far each epoch reaches, which entries are settled, and which losses no gateway has heard of yet.</summary>
/// <remarks>
/// Written now and then, ahead of each new segment and before one is unlinked. Settled entries that it forgets are sent again; for the rest it is the second copy, of which the
/// spool has the first: damage that takes entries with their names, or a tombstone, is declared by it. <c>docs/formats/spool.md</c> draws its bytes.
/// </remarks>
internal sealed class AckFile(IFileSystem files, string directory)
{
    /// <summary>Name of the file.</summary>
    public const string Name = "acks";

    private const byte Version = 2;
    private const int MaxBytes = 16 << 20;

    /// <summary>The content of the file.</summary>
    public static byte[] Encode(long end, IReadOnlyCollection<EpochBook> epochs, IReadOnlyCollection<DeclaredLoss> losses)
    {
        var body = new ByteWriter();
        body.U8(Version);
        body.U64((ulong)end);
        body.Varint((ulong)epochs.Count);
        foreach (EpochBook book in epochs)
        {
            body.U64(book.Epoch);
            body.U32(book.StartNumber);
            body.Varint(book.LastSeq);
            book.Settled.Write(body);
        }

        body.Varint((ulong)losses.Count);
        foreach (DeclaredLoss loss in losses) loss.Write(body);
        body.U32(Crc32C.Compute(body.Written));
        return body.Written.ToArray();
    }

    /// <summary>Replaces the file.</summary>
    public void Write(byte[] content) => files.Replace(directory, Name, content);

    /// <summary>Reads the file; nothing where it is missing, damaged or of another version.</summary>
    public SettledBook Read()
    {
        string path = Path.Combine(directory, Name);
        if (!files.FileExists(path)) return SettledBook.Empty;
        using IFile file = files.Open(path, write: false);
        if (file.Length is < 6 or > MaxBytes) return SettledBook.Empty;
        var bytes = new byte[file.Length];
        if (file.Read(0, bytes) != bytes.Length) return SettledBook.Empty;
        ReadOnlySpan<byte> body = bytes.AsSpan(0, bytes.Length - sizeof(uint));
        var crc = new ByteReader(bytes.AsSpan(body.Length));
        return crc.U32() == Crc32C.Compute(body) ? Decode(body) : SettledBook.Empty;
    }

    // Version 1 knew neither how far spool and epochs reach nor losses.
    private static SettledBook Decode(ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(body);
        byte version = reader.U8();
        if (version is 0 or > Version) return SettledBook.Empty;
        long end = version == 1 ? -1 : (long)reader.U64();
        var epochs = new List<EpochBook>();
        for (int i = reader.Count(MaxBytes); i > 0 && !reader.Failed; i--)
        {
            ulong epoch = reader.U64();
            var book = new EpochBook(epoch, version == 1 ? 0 : reader.U32()) { LastSeq = version == 1 ? 0 : reader.Varint() };
            foreach ((ulong first, ulong last) in SeqSet.Read(ref reader).Ranges) book.Settled.Add(first, last);
            epochs.Add(book);
        }

        var losses = new List<DeclaredLoss>();
        if (version > 1)
            for (int i = reader.Count(MaxBytes); i > 0 && !reader.Failed; i--) losses.Add(DeclaredLoss.Read(ref reader));
        return reader.Failed || reader.Remaining > 0 ? SettledBook.Empty : new SettledBook(end, epochs, losses);
    }
}
