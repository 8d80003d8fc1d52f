using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Processes;

/// <summary>All processes of a moment, by one call of NtQuerySystemInformation into a buffer that is kept.</summary>
/// <remarks>
/// Needs no right, also of protected processes. The buffer grows to what the system asks for and a quarter more, at most to <see cref="MaxBytes"/>. Every offset and
/// pointer is checked against what was written: a list that is cut or lies ends early. Not thread-safe.
/// </remarks>
internal sealed unsafe partial class ProcessList : IDisposable
{
    /// <summary>Most bytes of a list: processes with some 700,000 threads.</summary>
    public const uint MaxBytes = 64 << 20;

    private const int SystemProcessInformation = 5;
    private const int LengthMismatch = unchecked((int)0xC0000004);
    private const int Attempts = 8;

    private byte* _buffer;
    private uint _size;
    private uint _length;
    private uint _at;
    private bool _isAtEnd;

    /// <summary>Reads the list anew.</summary>
    /// <exception cref="Win32Exception">The system refuses it.</exception>
    public void Read()
    {
        if (_buffer is null) Grow(256 << 10);
        for (int attempt = 0; ; attempt++)
        {
            int status = NtQuerySystemInformation(SystemProcessInformation, _buffer, _size, out uint needed);
            if (status >= 0)
            {
                Begin(Math.Min(needed, _size));
                return;
            }

            // Processes start between the two calls: it may be too small again.
            if (status != LengthMismatch || attempt == Attempts || _size == MaxBytes) throw new Win32Exception(status, $"NtQuerySystemInformation answers 0x{status:X8}");
            Grow(Math.Min(Math.Max((uint)Math.Min(needed + (needed / 4ul), MaxBytes), _size * 2), MaxBytes));
        }
    }

    /// <summary>Takes a list as if it had been read.</summary>
    internal void Take(ReadOnlySpan<byte> list)
    {
        Grow((uint)list.Length);
        list.CopyTo(new Span<byte>(_buffer, list.Length));
        Begin((uint)list.Length);
    }

    /// <summary>Where the list lies.</summary>
    internal nint Address => (nint)_buffer;

    /// <summary>Whether the list ended before its end.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The next process; false at the end.</summary>
    public bool TryNext(out ProcessInformation process)
    {
        process = default;
        if (_isAtEnd) return false;
        IsCut = _length - _at < (uint)sizeof(ProcessInformation);
        if (IsCut) return false;
        process = *(ProcessInformation*)(_buffer + _at);
        uint next = process.NextEntryOffset;
        _isAtEnd = next < (uint)sizeof(ProcessInformation) || next > _length - _at;
        IsCut = _isAtEnd && next != 0;
        if (!_isAtEnd) _at += next;
        return true;
    }

    /// <summary>The name of a process of this list; empty where it has none, or where it lies outside of the list.</summary>
    public ReadOnlySpan<char> NameOf(in ProcessInformation process)
    {
        long offset = process.Name - (nint)_buffer;
        bool isWithin = process.Name != 0 && offset >= 0 && offset % sizeof(char) == 0 && offset + process.NameLength <= _length;
        return isWithin ? new ReadOnlySpan<char>(_buffer + offset, process.NameLength / sizeof(char)) : default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_buffer);
        _buffer = null;
        _size = _length = 0;
    }

    private void Begin(uint length)
    {
        _length = length;
        _at = 0;
        _isAtEnd = false;
        IsCut = false;
    }

    private void Grow(uint size)
    {
        NativeMemory.Free(_buffer);
        _buffer = null;
        _buffer = (byte*)NativeMemory.Alloc(size);
        _size = size;
    }

    [LibraryImport("ntdll.dll")]
    private static partial int NtQuerySystemInformation(int informationClass, void* buffer, uint length, out uint returned);
}
