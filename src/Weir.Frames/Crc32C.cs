using System.Buffers.Binary;
using System.Numerics;

namespace Weir.Frames;

/// <summary>CRC-32C (Castagnoli), the checksum of every entry, block and file header.</summary>
public static class Crc32C
{
    /// <summary>Checksum of <paramref name="data"/>. Pass the previous result as <paramref name="seed"/> to go on over split data.</summary>
    public static uint Compute(ReadOnlySpan<byte> data, uint seed = 0)
    {
        uint crc = ~seed;
        while (data.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (byte b in data) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
