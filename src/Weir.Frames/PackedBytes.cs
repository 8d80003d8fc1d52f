using ZstdSharp;

namespace Weir.Frames;

/// <summary>Bytes as a varint, their length, and one zstd frame: objects on the wire, sections of parts.</summary>
/// <remarks>Thread-safe.</remarks>
public static class PackedBytes
{
    // zstd shrinks at most about 2^17 times; a larger promise is a lie, refused before the memory is taken.
    private const int MostShrinking = 1 << 17;

    [ThreadStatic]
    private static Decompressor? _decompressor;

    /// <summary>Appends packed bytes.</summary>
    /// <param name="target">Receives them.</param>
    /// <param name="raw">The bytes.</param>
    /// <param name="level">Level of zstd.</param>
    /// <param name="dictionary">What the receiver has, and shares content with them; empty for none.</param>
    public static void Pack(ByteWriter target, ReadOnlySpan<byte> raw, int level, ReadOnlySpan<byte> dictionary = default)
    {
        target.Varint((ulong)raw.Length);
        if (raw.IsEmpty) return;
        using var compressor = new Compressor(level);
        if (!dictionary.IsEmpty) compressor.LoadDictionary(dictionary);
        target.Advance(compressor.Wrap(raw, target.Reserve(Compressor.GetCompressBound(raw.Length))));
    }

    /// <summary>The bytes; null where the packed ones do not decompress to what they declare, or declare more than <paramref name="maxBytes"/>.</summary>
    /// <param name="packed">Exactly the packed bytes.</param>
    /// <param name="maxBytes">Most bytes unpacked.</param>
    /// <param name="dictionary">What they were packed with.</param>
    public static byte[]? TryUnpack(ReadOnlySpan<byte> packed, int maxBytes, ReadOnlySpan<byte> dictionary = default)
    {
        var reader = new ByteReader(packed);
        int length = reader.Count(maxBytes);
        if (reader.Failed || length / MostShrinking > reader.Remaining) return null;
        if (length == 0) return reader.Remaining == 0 ? [] : null;
        var raw = new byte[length];
        try
        {
            if (dictionary.IsEmpty) return (_decompressor ??= new Decompressor()).Unwrap(reader.Rest, raw) == length ? raw : null;
            using var withDictionary = new Decompressor();
            withDictionary.LoadDictionary(dictionary);
            return withDictionary.Unwrap(reader.Rest, raw) == length ? raw : null;
        }
        catch (ZstdException)
        {
            return null;
        }
    }
}
