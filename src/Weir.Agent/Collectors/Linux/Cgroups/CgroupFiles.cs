using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>Reads files of control groups relative to the root of their hierarchy, without allocating.</summary>
/// <remarks>Nothing stays open: 500 groups of nine files would be more descriptors than a process may have by default. Not thread-safe.</remarks>
internal sealed unsafe class CgroupFiles(string root) : IDisposable
{
    /// <summary>Most bytes of a file: io.stat of thousands of devices.</summary>
    public const int MaxBytes = 1 << 20;

    private const int MaxPath = 2048;

    private readonly byte[] _path = new byte[MaxPath];
    private byte[] _text = new byte[16 << 10];
    private nint _directory;

    /// <summary>Reads a file.</summary>
    /// <param name="group">The group's path, relative; empty is the root.</param>
    /// <param name="file">The file.</param>
    /// <param name="text">Its text, valid until the next call; empty where it cannot be read.</param>
    /// <returns>Zero, or an errno; <see cref="LibC.EFBig"/> where it has more than <see cref="MaxBytes"/>.</returns>
    public int TryRead(scoped ReadOnlySpan<byte> group, scoped ReadOnlySpan<byte> file, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_directory == 0) _directory = LibC.OpenDir(root);
        if (_directory == 0) return Marshal.GetLastPInvokeError();
        if (group.Length + file.Length + 2 > MaxPath) return LibC.ENoEnt;
        int length = group.Length;
        group.CopyTo(_path);
        if (length > 0) _path[length++] = (byte)'/';
        file.CopyTo(_path.AsSpan(length));
        _path[length + file.Length] = 0;
        int error = Read(out int read);
        // Again from its start: the rest alone would be of another moment.
        while (error == 0 && read == _text.Length)
        {
            if (_text.Length >= MaxBytes) return LibC.EFBig;
            _text = new byte[_text.Length * 2];
            error = Read(out read);
        }

        text = _text.AsSpan(0, read);
        return error;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_directory != 0) _ = LibC.CloseDir(_directory);
        _directory = 0;
    }

    private int Read(out int length)
    {
        length = 0;
        fixed (byte* path = _path, buffer = _text)
        {
            int descriptor = LibC.OpenAt(LibC.DirFd(_directory), path, LibC.OCloseOnExec);
            if (descriptor < 0) return Marshal.GetLastPInvokeError();
            nint read = LibC.Read(descriptor, buffer, (nuint)_text.Length);
            int error = read < 0 ? Marshal.GetLastPInvokeError() : 0;
            _ = LibC.Close(descriptor);
            length = (int)Math.Max(read, 0);
            return error;
        }
    }
}
