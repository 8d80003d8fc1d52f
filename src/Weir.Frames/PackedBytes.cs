using System.Collections.Concurrent;
using ZstdSharp;

namespace Weir.Frames;

/// <summary>Bytes as a varint, their length, and one zstd frame: objects on the wire, sections of parts.</summary>
/// <remarks>Thread-safe.</remarks>
public static class PackedBytes
{
    // zstd shrinks at most about 2^17 times; a larger promise is a lie, refused before the memory is taken.
    private const int MostShrinking = 1 << 17;

    // A varint of an int.
    private const int LengthBytes = 5;

    // As many as unpack at the same time: one for each thread that ever did would be 130 KB of native memory for each.
    private static readonly ConcurrentQueue<Decompressor> Decompressors = [];

    /// <summary>Decompressors that nobody uses now: as many as ever worked at the same time.</summary>
    internal static int IdleDecompressors => Decompressors.Count;

    /// <summary>Room that packing takes for a number of bytes, whatever they are.</summary>
    internal static int MostBytes(int rawBytes) => LengthBytes + Compressor.GetCompressBound(rawBytes);

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
    /// <param name="dictionary">What they were packed with; empty for none.</param>
    public static byte[]? TryUnpack(ReadOnlySpan<byte> packed, int maxBytes, ReadOnlySpan<byte> dictionary = default)
    {
        if (!TryReadLength(packed, maxBytes, out int length, out ReadOnlySpan<byte> body)) return null;
        var raw = new byte[length];
        return TryFill(body, raw, dictionary) ? raw : null;
    }

    /// <summary>Appends the bytes to a buffer, for those who unpack many; false, and nothing appended, where there are none.</summary>
    public static bool TryUnpack(ReadOnlySpan<byte> packed, int maxBytes, ReadOnlySpan<byte> dictionary, ByteWriter target)
    {
        if (!TryReadLength(packed, maxBytes, out int length, out ReadOnlySpan<byte> body) || !TryFill(body, target.Reserve(length)[..length], dictionary)) return false;
        target.Advance(length);
        return true;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> packed, int maxBytes, out int length, out ReadOnlySpan<byte> body)
    {
        var reader = new ByteReader(packed);
        length = reader.Count(maxBytes);
        body = reader.Rest;
        return !reader.Failed && length / MostShrinking <= body.Length;
    }

    private static bool TryFill(ReadOnlySpan<byte> body, Span<byte> raw, ReadOnlySpan<byte> dictionary)
    {
        if (raw.IsEmpty) return body.IsEmpty;
        try
        {
            if (dictionary.IsEmpty) return Unwrap(body, raw) == raw.Length;
            using var withDictionary = new Decompressor();
            withDictionary.LoadDictionary(dictionary);
            return withDictionary.Unwrap(body, raw) == raw.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
    }

    private static int Unwrap(ReadOnlySpan<byte> body, Span<byte> raw)
    {
        if (!Decompressors.TryDequeue(out Decompressor? decompressor)) decompressor = new Decompressor();
        try
        {
            return decompressor.Unwrap(body, raw);
        }
        finally
        {
            // As good as before whatever it was given: each frame begins anew.
            Decompressors.Enqueue(decompressor);
        }
    }
}
