namespace Weir.Frames;

/// <summary>Packs an object's canonical bytes into the payload of an entry: whole, or as the difference from another object that the receiver has.</summary>
/// <remarks>
/// A process that starts or ends makes a new schema and a new baseline, of which nearly everything is known: packed against the ones before they take some tens of bytes.
/// <c>docs/formats/objects.md</c> draws both payloads.
/// </remarks>
public static class ObjectCodec
{
    private const int CompressionLevel = 9;

    /// <summary>The payload for canonical bytes.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> canonical)
    {
        var writer = new ByteWriter(PackedBytes.MostBytes(canonical.Length));
        PackedBytes.Pack(writer, canonical, CompressionLevel);
        return writer.Written.ToArray();
    }

    /// <summary>The payload for canonical bytes whose receiver has the object <paramref name="parentId"/>, of the same agent.</summary>
    /// <param name="canonical">The object.</param>
    /// <param name="parentId">The other object, by <see cref="ContentId.Short"/>. It may be packed against another itself; who sends a chain sends it from its whole end on.</param>
    /// <param name="parent">Its canonical bytes.</param>
    public static byte[] Pack(ReadOnlySpan<byte> canonical, ulong parentId, ReadOnlySpan<byte> parent)
    {
        var writer = new ByteWriter(1 + sizeof(ulong) + PackedBytes.MostBytes(canonical.Length));
        writer.U8(0);
        writer.U64(parentId);
        PackedBytes.Pack(writer, canonical, CompressionLevel, parent);
        return writer.Written.ToArray();
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
    public static byte[]? TryUnpack(ReadOnlySpan<byte> payload, Func<ulong, ReadOnlyMemory<byte>?>? parents = null) =>
        TrySplit(payload, parents, out ReadOnlySpan<byte> packed, out ReadOnlySpan<byte> parent)
        && PackedBytes.TryUnpack(packed, FrameLimits.MaxObjectBytes, parent) is { Length: > 0 } canonical ? canonical : null;

    /// <summary>Appends the canonical bytes of a payload to a buffer, for those who unpack many; false, and nothing appended, where there are none.</summary>
    public static bool TryUnpack(ReadOnlySpan<byte> payload, Func<ulong, ReadOnlyMemory<byte>?>? parents, ByteWriter target)
    {
        int before = target.Length;
        return TrySplit(payload, parents, out ReadOnlySpan<byte> packed, out ReadOnlySpan<byte> parent)
            && PackedBytes.TryUnpack(packed, FrameLimits.MaxObjectBytes, parent, target) && target.Length > before;
    }

    private static bool TrySplit(ReadOnlySpan<byte> payload, Func<ulong, ReadOnlyMemory<byte>?>? parents, out ReadOnlySpan<byte> packed, out ReadOnlySpan<byte> parent)
    {
        packed = payload;
        parent = default;
        if (!TryGetParent(payload, out ulong parentId)) return true;
        if (parents?.Invoke(parentId) is not { } found) return false;
        packed = payload[(1 + sizeof(ulong))..];
        parent = found.Span;
        return true;
    }
}
