using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Memory of its own that a call fills tick after tick, and that grows where the call says it must.</summary>
/// <remarks>Not for two threads at once. What grew stays, up to <see cref="MaxBytes"/>: what needs more fails.</remarks>
internal sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Most bytes: a million connections.</summary>
    public const uint MaxBytes = 64 << 20;

    /// <summary>Where it begins; changes whenever it grows.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>How many bytes it has.</summary>
    public uint Length { get; private set; }

    /// <summary>Makes room; what was in it is lost where it grows.</summary>
    /// <exception cref="InvalidDataException">More than <see cref="MaxBytes"/> are asked for.</exception>
    public void Reserve(uint bytes)
    {
        if (bytes <= Length) return;
        if (bytes > MaxBytes) throw new InvalidDataException($"a table of {bytes} bytes is above the limit of {MaxBytes}");
        Dispose();
        Pointer = (byte*)NativeMemory.Alloc(bytes);
        Length = bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
        Length = 0;
    }
}
