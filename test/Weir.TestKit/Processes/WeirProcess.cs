using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Weir.TestKit.Processes;

/// <summary>A running <c>weir</c>, built from this repository.</summary>
/// <remarks>Disposing kills it (SIGKILL) if it still runs: nothing outlives its test. Linux and macOS; the addresses are loopback.</remarks>
public sealed partial class WeirProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly OutputTail _output = new();

    private WeirProcess(Process process, Uri http, Uri grpc)
    {
        _process = process;
        Http = http;
        Grpc = grpc;
        process.OutputDataReceived += (_, line) => _output.Add(line.Data);
        process.ErrorDataReceived += (_, line) => _output.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where the console, the HTTP API, <c>/readyz</c> and <c>/metrics</c> answer.</summary>
    public Uri Http { get; }

    /// <summary>Where agents connect.</summary>
    public Uri Grpc { get; }

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last 200 lines that it wrote.</summary>
    public string Output => _output.ToString();

    /// <summary>The built <c>weir.dll</c>.</summary>
    /// <param name="configuration">The build configuration to take; null: that of the caller, else the other one.</param>
    /// <exception cref="FileNotFoundException">It is not built.</exception>
    public static string FindDll(string? configuration = null)
    {
        string own = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        string[] candidates = configuration is null ? [own, own == "Release" ? "Debug" : "Release"] : [configuration];
        foreach (string candidate in candidates)
        {
            string dll = RepositoryRoot.Combine("src", "Weir.Server", "bin", candidate, "net10.0", "weir.dll");
            if (File.Exists(dll)) return dll;
        }

        throw new FileNotFoundException($"weir.dll is not built: dotnet build src/Weir.Server -c {candidates[0]}");
    }

    /// <summary>Starts <c>weir up</c> and returns without waiting for it.</summary>
    /// <param name="dll">From <see cref="FindDll"/>.</param>
    /// <param name="up">How.</param>
    public static WeirProcess StartUp(string dll, WeirUp up)
    {
        int[] free = FreePorts.Take(2);
        string http = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{(up.HttpPort == 0 ? free[0] : up.HttpPort)}");
        string grpc = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{(up.GrpcPort == 0 ? free[1] : up.GrpcPort)}");
        string enroll = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{up.EnrollPort}");
        List<string> arguments = ["up", "--data", up.DataDirectory, "--http", http, "--grpc", grpc, "--enroll", enroll];
        if (up.ConfigFile is not null) arguments.AddRange(["--config", up.ConfigFile]);
        arguments.AddRange(up.MoreArguments);
        return new WeirProcess(Launch(dll, arguments), new Uri($"http://{http}"), new Uri($"http://{grpc}"));
    }

    /// <summary>Starts <c>weir up</c> and waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message carries what it wrote.</exception>
    public static async Task<WeirProcess> UpAsync(string dll, WeirUp up, CancellationToken cancellationToken = default)
    {
        WeirProcess weir = StartUp(dll, up);
        try
        {
            await weir.WaitReadyAsync(TimeSpan.FromSeconds(60), cancellationToken);
            return weir;
        }
        catch
        {
            await weir.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a command such as <c>weir query</c> to its end.</summary>
    public static async Task<CommandResult> RunAsync(string dll, IEnumerable<string> arguments, CancellationToken cancellationToken = default)
    {
        using Process process = Launch(dll, arguments);
        return await CommandRun.ToEndAsync(process, cancellationToken);
    }

    /// <summary>Waits until <c>/readyz</c> answers 200.</summary>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message carries what it wrote.</exception>
    public async Task WaitReadyAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        using var http = new HttpClient { BaseAddress = Http, Timeout = TimeSpan.FromSeconds(5) };
        long start = TimeProvider.System.GetTimestamp();
        while (!await AnswersReadyAsync(http, cancellationToken))
        {
            if (_process.HasExited) throw new InvalidOperationException($"weir ended with code {_process.ExitCode} before it was ready:\n{Output}");
            if (TimeProvider.System.GetElapsedTime(start) > limit) throw new InvalidOperationException($"weir is not ready after {limit}:\n{Output}");
            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    /// <summary>Asks it to drain (SIGTERM) and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public async Task<int> StopAsync(TimeSpan limit, CancellationToken cancellationToken = default)
    {
        if (!_process.HasExited) _ = SendSignal(_process.Id, SigTerm);
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Kills it at once (SIGKILL) and waits for its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static Process Launch(string dll, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [dll, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    private static async Task<bool> AnswersReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // Process offers SIGKILL only.
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
