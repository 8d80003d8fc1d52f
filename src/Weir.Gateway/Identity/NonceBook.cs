using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Weir.Gateway.Identity;

/// <summary>Nonces that cost nothing until they are used: time, random bytes, and a MAC of both under a key of this process.</summary>
/// <remarks>Only those that came back under a good signature are remembered, until they are too old anyway: strangers cannot fill the book. Thread-safe.</remarks>
internal sealed class NonceBook(TimeSpan lifetime, int maxUsed, TimeProvider time)
{
    private const int RandomBytes = 16;
    private const int SignedBytes = sizeof(long) + RandomBytes;

    /// <summary>Bytes of a nonce.</summary>
    public const int Size = SignedBytes + HMACSHA256.HashSizeInBytes;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);
    private readonly Lock _gate = new();
    private readonly HashSet<UInt128> _used = [];
    private readonly Queue<(UInt128 Random, long AtMs)> _order = new();

    /// <summary>Draws a nonce.</summary>
    public byte[] Draw()
    {
        var nonce = new byte[Size];
        BinaryPrimitives.WriteInt64LittleEndian(nonce, time.GetUtcNow().ToUnixTimeMilliseconds());
        RandomNumberGenerator.Fill(nonce.AsSpan(sizeof(long), RandomBytes));
        HMACSHA256.HashData(_key, nonce.AsSpan(0, SignedBytes), nonce.AsSpan(SignedBytes));
        return nonce;
    }

    /// <summary>Whether a nonce is ours and young enough.</summary>
    public bool IsGood(ReadOnlySpan<byte> nonce)
    {
        if (nonce.Length != Size) return false;
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, nonce[..SignedBytes], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, nonce[SignedBytes..])) return false;
        long age = time.GetUtcNow().ToUnixTimeMilliseconds() - BinaryPrimitives.ReadInt64LittleEndian(nonce);
        return age >= 0 && age <= lifetime.TotalMilliseconds;
    }

    /// <summary>Uses a good nonce up.</summary>
    /// <returns>True once; false when it was used before; null where too many are remembered.</returns>
    public bool? TryUse(ReadOnlySpan<byte> nonce)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        UInt128 random = BinaryPrimitives.ReadUInt128LittleEndian(nonce[sizeof(long)..SignedBytes]);
        lock (_gate)
        {
            while (_order.TryPeek(out (UInt128 Random, long AtMs) oldest) && now - oldest.AtMs > lifetime.TotalMilliseconds) _used.Remove(_order.Dequeue().Random);
            if (_used.Contains(random)) return false;
            if (_used.Count >= maxUsed) return null;
            _used.Add(random);
            // Remembered for a whole lifetime from its use, which is longer than it stays good.
            _order.Enqueue((random, now));
            return true;
        }
    }
}
