using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Linux.Processes;

/// <summary>/proc while it is walked: lists the processes, and reads what it has of each, without allocating.</summary>
/// <remarks>Opened for one walk. Must be disposed. Not thread-safe.</remarks>
internal unsafe ref struct ProcDirectory : IDisposable
{
    private const int PathBytes = 32;

    private nint _directory;
    private readonly int _descriptor;

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public ProcDirectory(string path)
    {
        _directory = LibC.OpenDir(path);
        if (_directory == 0) throw KernelError.At(path, Marshal.GetLastPInvokeError());
        _descriptor = LibC.DirFd(_directory);
    }

    /// <summary>The next process; false at the end.</summary>
    public readonly bool TryNext(out int pid)
    {
        while (LibC.ReadDir(_directory) is var entry && entry is not null)
        {
            ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry->Name);
            if (Utf8Parser.TryParse(name, out pid, out int used) && used == name.Length && pid > 0) return true;
        }

        pid = 0;
        return false;
    }

    /// <summary>Reads the begin of a file of a process: its length, or -errno.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="file">The file with a slash before and a zero behind.</param>
    /// <param name="buffer">Where it goes.</param>
    public readonly int Read(int pid, ReadOnlySpan<byte> file, Span<byte> buffer)
    {
        byte* path = stackalloc byte[PathBytes];
        Join(pid, file, path);
        int descriptor = LibC.OpenAt(_descriptor, path, LibC.OCloseOnExec);
        if (descriptor < 0) return -Marshal.GetLastPInvokeError();
        nint length;
        fixed (byte* into = buffer) length = LibC.Read(descriptor, into, (nuint)buffer.Length);
        int error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
        _ = LibC.Close(descriptor);
        return length < 0 ? -error : (int)length;
    }

    /// <summary>Reads a link of a process: its length, or -errno.</summary>
    public readonly int ReadLink(int pid, ReadOnlySpan<byte> file, Span<byte> buffer)
    {
        byte* path = stackalloc byte[PathBytes];
        Join(pid, file, path);
        fixed (byte* into = buffer)
        {
            nint length = LibC.ReadLinkAt(_descriptor, path, into, (nuint)buffer.Length);
            return length < 0 ? -Marshal.GetLastPInvokeError() : (int)length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory != 0) _ = LibC.CloseDir(_directory);
        _directory = 0;
    }

    private static void Join(int pid, ReadOnlySpan<byte> file, byte* path)
    {
        var text = new Span<byte>(path, PathBytes);
        Utf8Formatter.TryFormat(pid, text, out int digits);
        file.CopyTo(text[digits..]);
    }
}
