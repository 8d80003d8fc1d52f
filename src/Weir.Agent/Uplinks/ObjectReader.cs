using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Uplinks;

/// <summary>Reads objects out of the spool, those packed against others too. Not thread-safe.</summary>
/// <remarks>What was read last is kept, since what follows is usually packed against it: at most <see cref="MaxKeptBytes"/>.</remarks>
internal sealed class ObjectReader(AgentStore store)
{
    private const int MaxKeptBytes = 1 << 20;

    // Chains that an agent makes are shorter; a longer one is damage.
    private const int MaxDepth = 100;

    private readonly Dictionary<ulong, byte[]> _kept = [];
    private int _keptBytes;
    private int _depth;

    /// <summary>The payload of an entry; null where it is gone or damaged.</summary>
    /// <exception cref="LogException">The disk does not give it now.</exception>
    public byte[]? ReadPayload(in SpooledEntry entry)
    {
        var bytes = new byte[entry.Length];
        return store.Read(entry, bytes) == SpoolRead.Whole ? bytes[entry.Header.HeaderBytes..] : null;
    }

    /// <summary>The canonical bytes of an object's payload; null where what it is packed against is gone.</summary>
    /// <exception cref="LogException">The disk does not give it now.</exception>
    public byte[]? TryUnpack(byte[] payload) => ObjectCodec.TryUnpack(payload, Find);

    private ReadOnlyMemory<byte>? Find(ulong objectId)
    {
        if (_kept.TryGetValue(objectId, out byte[]? canonical)) return canonical;
        if (_depth >= MaxDepth) return null;
        _depth++;
        try
        {
            canonical = Read(objectId);
        }
        finally
        {
            _depth--;
        }

        if (canonical is null) return null;
        if (_keptBytes + canonical.Length > MaxKeptBytes)
        {
            _kept.Clear();
            _keptBytes = 0;
        }

        _kept[objectId] = canonical;
        _keptBytes += canonical.Length;
        return canonical;
    }

    private byte[]? Read(ulong objectId)
    {
        IReadOnlyList<SpooledEntry> copies = store.CopiesOf(objectId);
        for (int i = copies.Count - 1; i >= 0; i--)
            if (ReadPayload(copies[i]) is { } payload && TryUnpack(payload) is { } canonical) return canonical;
        return null;
    }
}
