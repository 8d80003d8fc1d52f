using System.ComponentModel;
using System.Diagnostics;

namespace Weir.Agent.Collectors.Children;

/// <summary>A program that runs beside the agent and whose output a collector reads.</summary>
/// <remarks>
/// Its output and errors are read by two background threads of its own, so that neither can fill a pipe and stop it, and no tick waits for it. It is killed on
/// <see cref="Dispose"/>; should the agent itself be killed, it ends at its next write. It gets no input, no terminal, and English messages. Threads: the
/// properties may be read by anybody; <see cref="Start"/> and <see cref="Dispose"/> belong to the owner.
/// </remarks>
internal sealed class ChildProgram : IDisposable
{
    /// <summary>Bytes of its errors that are kept.</summary>
    public const int MaxErrorBytes = 1024;

    private const int NotFound = 2;
    private const int Denied = 13;

    private readonly Process _process;
    private readonly ManualResetEventSlim _ended = new();
    private readonly byte[] _errors = new byte[MaxErrorBytes];
    private int _errorBytes;
    private int _open = 2;

    private ChildProgram(Process process) => _process = process;

    /// <summary>Whether it has closed its output and its errors.</summary>
    public bool HasEnded => _ended.IsSet;

    /// <summary>What it said of its errors so far.</summary>
    public string Errors => System.Text.Encoding.UTF8.GetString(_errors, 0, Volatile.Read(ref _errorBytes)).Trim();

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its path, or its name on the PATH.</param>
    /// <param name="arguments">What it is given.</param>
    /// <param name="sink">Where its output goes.</param>
    /// <exception cref="FileNotFoundException">It is not here.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be run.</exception>
    public static ChildProgram Start(string program, IReadOnlyList<string> arguments, IChildSink sink)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["LC_ALL"] = "C";
        start.Environment["SYSTEMD_PAGER"] = "";
        start.Environment["SYSTEMD_COLORS"] = "0";
        try
        {
            Process process = Process.Start(start) ?? throw new IOException($"{program} did not start");
            var child = new ChildProgram(process);
            process.StandardInput.Close();
            child.Read(process.StandardOutput.BaseStream, sink.Take);
            child.Read(process.StandardError.BaseStream, child.Keep);
            return child;
        }
        catch (Win32Exception error)
        {
            throw error.NativeErrorCode switch
            {
                NotFound => new FileNotFoundException($"{program} is not here", program),
                Denied => new UnauthorizedAccessException($"{program} may not be run"),
                _ => new IOException($"{program} cannot be run: {error.Message}"),
            };
        }
    }

    /// <summary>Waits until it has ended; false where it has not within the time.</summary>
    public bool WaitForEnd(TimeSpan most) => _ended.Wait(most);

    /// <summary>Its exit code, once it has ended; null where it cannot be told.</summary>
    public int? ExitCode => _process.WaitForExit(TimeSpan.FromSeconds(1)) ? _process.ExitCode : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }

        // What it started may hold the pipes: the readers end with those, and hold nothing else.
        _process.Dispose();
    }

    private void Read(Stream stream, ChildBytes take)
    {
        var thread = new Thread(() => ReadAll(stream, take)) { IsBackground = true, Name = "weir-child" };
        thread.Start();
    }

    private void ReadAll(Stream stream, ChildBytes take)
    {
        byte[] buffer = new byte[16 << 10];
        try
        {
            using (stream)
                while (stream.Read(buffer) is > 0 and var read) take(buffer.AsSpan(0, read));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // Disposed while it ran.
        }

        if (Interlocked.Decrement(ref _open) == 0) _ended.Set();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        int kept = Math.Min(bytes.Length, MaxErrorBytes - _errorBytes);
        bytes[..kept].CopyTo(_errors.AsSpan(_errorBytes));
        Volatile.Write(ref _errorBytes, _errorBytes + kept);
    }

    private delegate void ChildBytes(ReadOnlySpan<byte> bytes);
}
