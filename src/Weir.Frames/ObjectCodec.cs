using ZstdSharp;

namespace Weir.Frames;

/// <summary>Packs an object's canonical bytes into the payload of an entry: their length and zstd.</summary>
public static class ObjectCodec
{
    private const int CompressionLevel = 9;

    /// <summary>The payload for canonical bytes.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> canonical)
    {
        using var compressor = new Compressor(CompressionLevel);
        var writer = new ByteWriter(canonical.Length + 16);
        writer.Varint((ulong)canonical.Length);
        Span<byte> target = writer.Reserve(Compressor.GetCompressBound(canonical.Length));
        writer.Advance(compressor.Wrap(canonical, target));
        return writer.Written.ToArray();
    }

    /// <summary>The canonical bytes of a payload; null where it does not decompress to what it declares, or declares more than <see cref="FrameLimits.MaxObjectBytes"/>.</summary>
    public static byte[]? TryUnpack(ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(payload);
        int length = reader.Count(FrameLimits.MaxObjectBytes);
        // zstd shrinks at most about 2^17 times; a larger promise is a lie, refused before the memory is taken.
        if (reader.Failed || length == 0 || length / (1 << 17) > reader.Remaining) return null;
        var canonical = new byte[length];
        try
        {
            using var decompressor = new Decompressor();
            return decompressor.Unwrap(payload[reader.Position..], canonical) == length ? canonical : null;
        }
        catch (ZstdException)
        {
            return null;
        }
    }
}
