using Weir.Frames;

namespace Weir.Log;

/// <summary>The file <c>DAMAGED</c>: positions of entries whose payload a recovery found broken, so that readers of indexes do not take them for present.</summary>
/// <remarks>Only there once something was found. u32 checksum over the rest, then varints: count, positions ascending.</remarks>
internal static class DamageFile
{
    private const string Name = "DAMAGED";
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads the file, adds what was found now, forgets what is no longer held, and writes it again if that changed anything.</summary>
    public static HashSet<long> Update(IFileSystem files, string directory, IReadOnlyList<long> found, (long Start, long End) held)
    {
        HashSet<long> known = Read(files, directory);
        var kept = new SortedSet<long>(known.Concat(found).Where(position => position >= held.Start && position < held.End));
        if (kept.SetEquals(known)) return known;
        var bytes = new ByteWriter();
        bytes.U32(0);
        bytes.Varint((ulong)kept.Count);
        foreach (long position in kept) bytes.Varint((ulong)position);
        Span<byte> content = bytes.WrittenFrom(0);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(content, Crc32C.Compute(content[4..]));
        files.Replace(directory, Name, content);
        return [.. kept];
    }

    /// <summary>Reads the file; nothing where it is missing or damaged.</summary>
    public static HashSet<long> Read(IFileSystem files, string directory)
    {
        var positions = new HashSet<long>();
        string path = Path.Combine(directory, Name);
        if (!files.FileExists(path)) return positions;
        using IFile file = files.Open(path, write: false);
        var bytes = new byte[Math.Min(file.Length, MaxBytes)];
        var reader = new ByteReader(bytes.AsSpan(0, file.Read(0, bytes)));
        if (reader.U32() != Crc32C.Compute(reader.Rest)) return positions;
        for (int i = reader.Count(MaxBytes); i > 0 && !reader.Failed; i--) positions.Add((long)reader.Varint());
        return positions;
    }
}
