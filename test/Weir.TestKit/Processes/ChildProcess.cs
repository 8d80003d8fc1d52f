using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Weir.TestKit.Processes;

/// <summary>A process that is killed, paused and resumed from outside. Linux.</summary>
/// <remarks>Disposing kills it (SIGKILL) if it still runs: nothing outlives its test.</remarks>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly Process _process;
    private readonly OutputTail _output = new();
    private bool _disposed;

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Its number.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Its exit code; 128 and the signal where one ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last 200 lines that it wrote.</summary>
    public string Output => _output.ToString();

    /// <summary>Starts a program with arguments.</summary>
    public static ChildProcess Start(string program, params IEnumerable<string> arguments) => Start(program, [], arguments);

    /// <summary>Starts a program with arguments, and variables beside those of this process.</summary>
    public static ChildProcess Start(string program, IEnumerable<KeyValuePair<string, string>> variables, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in variables) start.Environment[name] = value;
        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    /// <summary>Stops it where it is (SIGSTOP).</summary>
    public void Pause() => Send(SigStop);

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Resume() => Send(SigCont);

    /// <summary>Kills it at once (SIGKILL) and waits for its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks it to end (SIGTERM) and waits for it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time; the message carries what it wrote.</exception>
    public Task<int> StopAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        Send(SigTerm);
        return WaitAsync(limit, cancellationToken);
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time; the message carries what it wrote.</exception>
    public async Task<int> WaitAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken);
            return _process.ExitCode;
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} did not end within {limit}:\n{Output}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private void Send(int signal)
    {
        if (!_process.HasExited) _ = SendSignal(_process.Id, signal);
    }

    // Process offers SIGKILL only.
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
