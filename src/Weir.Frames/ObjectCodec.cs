using ZstdSharp;

namespace Weir.Frames;

/// <summary>Packs an object's canonical bytes into the payload of an entry: whole, or as the difference from another object that the receiver has.</summary>
/// <remarks>
/// A process that starts or ends makes a new schema and a new baseline, of which nearly everything is known: packed against the ones before they take some tens of bytes.
/// <c>docs/formats/objects.md</c> draws both payloads.
/// </remarks>
public static class ObjectCodec
{
    private const int CompressionLevel = 9;

    // zstd shrinks at most about 2^17 times; a larger promise is a lie, refused before the memory is taken.
    private const int MostShrinking = 1 << 17;

    // Making one costs more than an object's decompression does; it keeps nothing from one object to the next.
    [ThreadStatic]
    private static Decompressor? _decompressor;

    /// <summary>The payload for canonical bytes.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> canonical)
    {
        using var compressor = new Compressor(CompressionLevel);
        var writer = new ByteWriter(canonical.Length + 16);
        return Pack(canonical, compressor, writer);
    }

    /// <summary>The payload for canonical bytes whose receiver has the object <paramref name="parentId"/>, of the same agent.</summary>
    /// <param name="canonical">The object.</param>
    /// <param name="parentId">The other object, by <see cref="ContentId.Short"/>. It may be packed against another itself; who sends a chain sends it from its whole end on.</param>
    /// <param name="parent">Its canonical bytes.</param>
    public static byte[] Pack(ReadOnlySpan<byte> canonical, ulong parentId, ReadOnlySpan<byte> parent)
    {
        using var compressor = new Compressor(CompressionLevel);
        compressor.LoadDictionary(parent);
        var writer = new ByteWriter(canonical.Length + 32);
        writer.U8(0);
        writer.U64(parentId);
        return Pack(canonical, compressor, writer);
    }

    /// <summary>The object that a payload is packed against.</summary>
    /// <returns>False where it is packed whole.</returns>
    public static bool TryGetParent(ReadOnlySpan<byte> payload, out ulong parentId)
    {
        var reader = new ByteReader(payload);
        bool hasParent = reader.U8() == 0;
        parentId = hasParent ? reader.U64() : 0;
        return hasParent && !reader.Failed;
    }

    /// <summary>The canonical bytes of a payload; null where it does not decompress to what it declares, or declares more than <see cref="FrameLimits.MaxObjectBytes"/>.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="parents">Gives the canonical bytes of the object that a payload is packed against, or null; without it only whole ones are unpacked.</param>
    public static byte[]? TryUnpack(ReadOnlySpan<byte> payload, Func<ulong, ReadOnlyMemory<byte>?>? parents = null)
    {
        if (!TryGetParent(payload, out ulong parentId)) return TryDecompress(payload, default);
        return parents?.Invoke(parentId) is { } parent ? TryDecompress(payload[(1 + sizeof(ulong))..], parent.Span) : null;
    }

    private static byte[] Pack(ReadOnlySpan<byte> canonical, Compressor compressor, ByteWriter writer)
    {
        writer.Varint((ulong)canonical.Length);
        Span<byte> target = writer.Reserve(Compressor.GetCompressBound(canonical.Length));
        writer.Advance(compressor.Wrap(canonical, target));
        return writer.Written.ToArray();
    }

    private static byte[]? TryDecompress(ReadOnlySpan<byte> packed, ReadOnlySpan<byte> parent)
    {
        var reader = new ByteReader(packed);
        int length = reader.Count(FrameLimits.MaxObjectBytes);
        if (reader.Failed || length == 0 || length / MostShrinking > reader.Remaining) return null;
        var canonical = new byte[length];
        try
        {
            ReadOnlySpan<byte> content = packed[reader.Position..];
            if (parent.IsEmpty) return (_decompressor ??= new Decompressor()).Unwrap(content, canonical) == length ? canonical : null;
            using var withParent = new Decompressor();
            withParent.LoadDictionary(parent);
            return withParent.Unwrap(content, canonical) == length ? canonical : null;
        }
        catch (ZstdException)
        {
            return null;
        }
    }
}
