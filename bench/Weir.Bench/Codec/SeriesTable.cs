using System.IO.Hashing;

namespace Weir.Bench.Codec;

/// <summary>Finds a series by the bytes that name it in a message, as a receiver of text does.</summary>
internal sealed class SeriesTable
{
    private readonly Dictionary<byte[], int> _series = new(new BytesComparer());
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _bySpan;

    public SeriesTable() => _bySpan = _series.GetAlternateLookup<ReadOnlySpan<byte>>();

    public void Add(ReadOnlySpan<byte> name, int series) => _series.Add(name.ToArray(), series);

    /// <exception cref="InvalidDataException">There is no such series.</exception>
    public int Find(ReadOnlySpan<byte> name) => _bySpan.TryGetValue(name, out int series) ? series : throw new InvalidDataException("a message names a series that the recording lacks");

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)XxHash3.HashToUInt64(alternate);
    }
}
