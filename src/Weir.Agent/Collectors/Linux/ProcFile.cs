using Microsoft.Win32.SafeHandles;

namespace Weir.Agent.Collectors.Linux;

/// <summary>A file of /proc or /sys that stays open and is read from its start each time.</summary>
/// <remarks>One read call whenever the file fits the buffer, so that the kernel's numbers are of one moment. Not thread-safe.</remarks>
internal sealed class ProcFile(string path) : IDisposable
{
    /// <summary>Larger than any of the files read; what is larger is refused rather than read for ever.</summary>
    private const int MaxBytes = 4 << 20;

    private const int FirstBytes = 4096;

    private SafeFileHandle? _handle;
    private byte[] _buffer = new byte[FirstBytes];

    /// <summary>Where the file is.</summary>
    public string Path => path;

    /// <summary>The file's content now; valid until the next call.</summary>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public ReadOnlySpan<byte> Read()
    {
        // FileShare.ReadWrite: anything less takes a lock, which these file systems may refuse.
        _handle ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return ReadFrom(_handle);
        }
        catch (Exception)
        {
            // A device that was replaced under the same name needs a new descriptor, and what was too large leaves no large buffer behind.
            Dispose();
            if (_buffer.Length >= MaxBytes) _buffer = new byte[FirstBytes];
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }

    private ReadOnlySpan<byte> ReadFrom(SafeFileHandle handle)
    {
        int length = 0;
        while (true)
        {
            int read = RandomAccess.Read(handle, _buffer.AsSpan(length), length);
            length += read;
            if (read == 0) return _buffer.AsSpan(0, length);
            if (length < _buffer.Length) continue;
            if (length >= MaxBytes) throw new IOException($"{path} has more than {MaxBytes} bytes");
            // Read again from the start: a text continued in a second call may be of another moment.
            _buffer = new byte[_buffer.Length * 2];
            length = 0;
        }
    }
}
