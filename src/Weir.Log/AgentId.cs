using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Weir.Log;

/// <summary>The 128-bit identity of an agent, kept in its data directory.</summary>
/// <param name="High">Upper 64 bits.</param>
/// <param name="Low">Lower 64 bits.</param>
public readonly record struct AgentId(ulong High, ulong Low)
{
    /// <summary>Bytes of an id.</summary>
    public const int Size = 16;

    /// <summary>Whether this is no id at all.</summary>
    public bool IsEmpty => High == 0 && Low == 0;

    /// <summary>Reads an id; false unless there are exactly 16 bytes that are not all zero.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AgentId id)
    {
        id = default;
        if (bytes.Length != Size) return false;
        id = new AgentId(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        return !id.IsEmpty;
    }

    /// <summary>Reads 32 hexadecimal digits.</summary>
    public static bool TryParse(string text, out AgentId id)
    {
        id = default;
        if (text.Length != 2 * Size
            || !ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong high)
            || !ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong low)) return false;
        id = new AgentId(high, low);
        return !id.IsEmpty;
    }

    /// <summary>Writes the 16 bytes.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, High);
        BinaryPrimitives.WriteUInt64BigEndian(target[8..], Low);
    }

    /// <summary>The partition of this agent among <paramref name="partitions"/>: XxHash3 of the 16 bytes, modulo the count. Frozen.</summary>
    public int Partition(int partitions)
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return (int)(XxHash3.HashToUInt64(bytes) % (ulong)partitions);
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");
}
