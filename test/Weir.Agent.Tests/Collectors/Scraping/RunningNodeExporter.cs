using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>A node_exporter of this machine on a free port of loopback.</summary>
internal sealed partial class RunningNodeExporter : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus-node-exporter";

    private readonly Process _process;
    private readonly Task _draining;

    private RunningNodeExporter(Process process, string url)
    {
        _process = process;
        _draining = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        Url = url;
    }

    /// <summary>Whether it is installed.</summary>
    public static bool IsHere => File.Exists(Program);

    /// <summary>Where its metrics are.</summary>
    public string Url { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<RunningNodeExporter> StartAsync(CancellationToken cancellationToken)
    {
        Process process = Process.Start(new ProcessStartInfo(Program, "--web.listen-address=127.0.0.1:0") { RedirectStandardError = true })!;
        while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
            if (Listening().Match(line) is { Success: true } match) return new RunningNodeExporter(process, $"http://{match.Groups[1].Value}/metrics");
        throw new InvalidOperationException("node_exporter ended before it listened");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _draining;
        _process.Dispose();
    }

    [GeneratedRegex("Listening on\".* address=(127\\.0\\.0\\.1:[0-9]+)")]
    private static partial Regex Listening();
}
