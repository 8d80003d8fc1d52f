using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Native memory that PDH writes an array into: grows when it must, and keeps its size.</summary>
/// <remarks>Owned by one query, used by one thread at a time.</remarks>
internal sealed unsafe class PdhBuffer : IDisposable
{
    /// <summary>Largest array: 64 MiB, about half a million instances.</summary>
    public const uint MaxBytes = 64 << 20;

    private const uint FirstBytes = 4 << 10;

    private void* _memory;

    /// <summary>Its size.</summary>
    public uint Bytes { get; private set; }

    /// <summary>Where it begins; valid until it grows.</summary>
    public PdhNative.RawItem* Items => (PdhNative.RawItem*)_memory;

    /// <summary>Makes room, at least twice what there was: what grew once will grow again.</summary>
    /// <returns>False where that is beyond <see cref="MaxBytes"/>.</returns>
    public bool TryGrow(uint bytes)
    {
        if (bytes > MaxBytes) return false;
        if (bytes <= Bytes) return true;
        uint wanted = Math.Min(MaxBytes, Math.Max(bytes, Math.Max(FirstBytes, Bytes * 2)));
        _memory = NativeMemory.Realloc(_memory, wanted);
        Bytes = wanted;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        Bytes = 0;
    }
}
