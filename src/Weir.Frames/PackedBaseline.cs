namespace Weir.Frames;

/// <summary>A baseline as it is kept beside many others: packed, a twentieth of what it takes unpacked.</summary>
/// <param name="id">Its <see cref="ContentId.Short"/>.</param>
/// <param name="schema">The schema that it profiles.</param>
/// <param name="payload">The payload of <see cref="ObjectCodec.Pack(ReadOnlySpan{byte})"/>.</param>
public sealed class PackedBaseline(ulong id, Schema schema, byte[] payload)
{
    /// <summary>How frames name it among the objects of its agent.</summary>
    public ulong Id => id;

    /// <summary>The schema that it profiles.</summary>
    public Schema Schema => schema;

    /// <summary>Its packed bytes.</summary>
    public ReadOnlyMemory<byte> Payload => payload;

    /// <summary>Unpacks it; some tens of microseconds at 500 series.</summary>
    /// <exception cref="InvalidDataException">The bytes have changed since they were checked.</exception>
    public Baseline Unpack() =>
        ObjectCodec.TryUnpack(payload) is { } canonical && Baseline.TryParse(canonical) is { } baseline
            ? baseline
            : throw new InvalidDataException("a baseline that was intact when it came is no longer");
}
