using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Weir.Bench.Replay;

namespace Weir.Bench.EndToEnd;

/// <summary>Feeds the first hosts of a replay to a single-node VictoriaMetrics by remote write, and measures it as the server is measured.</summary>
/// <remarks>Requests are made before the timed section, which ends when everything can be queried.</remarks>
internal sealed class VictoriaMetricsRun(ReplayPlan plan, int hosts, string work, TimeProvider time, TextWriter progress)
{
    /// <summary>The program, as Debian packages it.</summary>
    public const string Program = "victoria-metrics";

    private const int Senders = 4;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    /// <summary>Runs it.</summary>
    /// <exception cref="ReplayFailedException">It is not installed, or refused something.</exception>
    public async Task<BesideReport> RunAsync(CancellationToken cancellationToken)
    {
        progress.WriteLine($"{Program}: making the requests of {hosts} hosts");
        var requests = new List<(byte[] Body, int Samples)>();
        var maker = new RemoteWriteRequests(plan);
        // All hosts advance together, as they do in life.
        List<(byte[], int)[]> each = [.. Enumerable.Range(0, hosts).Select(host => maker.Of(host).ToArray())];
        for (int i = 0; i < each[0].Length; i++)
            foreach ((byte[], int)[] host in each) requests.Add(host[i]);
        long samples = requests.Sum(static request => (long)request.Samples);
        string data = Path.Combine(work, Program);
        int port = FreePort();
        using Process process = Start(data, port);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        try
        {
            await WaitReadyAsync(http, process, cancellationToken);
            ProcessUsage before = ProcessUsage.Of(process.Id);
            long start = time.GetTimestamp();
            progress.WriteLine($"{Program}: sending {samples:N0} samples");
            await SendAsync(http, requests, cancellationToken);
            using (HttpResponseMessage flushed = await http.GetAsync(new Uri("/internal/force_flush", UriKind.Relative), cancellationToken)) flushed.EnsureSuccessStatusCode();
            TimeSpan elapsed = time.GetElapsedTime(start);
            ProcessUsage after = ProcessUsage.Of(process.Id);
            await StopAsync(process, cancellationToken);
            long disk = new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(static file => file.Length);
            double cpu = (after.Cpu - before.Cpu).TotalSeconds;
            return new BesideReport
            {
                Name = Program,
                Hosts = hosts,
                Samples = samples,
                QueryableSeconds = elapsed.TotalSeconds,
                QueryableSamplesPerSecond = samples / elapsed.TotalSeconds,
                CpuSeconds = cpu,
                SamplesPerCpuSecond = samples / cpu,
                PeakRssBytes = after.PeakRssBytes,
                WireBytesPerSample = requests.Sum(static request => (long)request.Body.Length) / (double)samples,
                DiskBytesPerSample = disk / (double)samples,
            };
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(string data, int port)
    {
        var start = new ProcessStartInfo(Program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[$"-storageDataPath={data}", $"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-loggerLevel=ERROR"]) start.ArgumentList.Add(argument);
        try
        {
            Process process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new ReplayFailedException($"{Program} does not start: {e.Message}; on Debian: apt-get install {Program}");
        }
    }

    private async Task WaitReadyAsync(HttpClient http, Process process, CancellationToken cancellationToken)
    {
        for (long begun = time.GetTimestamp(); time.GetElapsedTime(begun) < StartLimit;)
        {
            if (process.HasExited) throw new ReplayFailedException(string.Create(CultureInfo.InvariantCulture, $"{Program} ended with code {process.ExitCode}"));
            try
            {
                using HttpResponseMessage health = await http.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
                if (health.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellationToken);
        }

        throw new ReplayFailedException($"{Program} was not ready in time");
    }

    private static async Task SendAsync(HttpClient http, List<(byte[] Body, int Samples)> requests, CancellationToken cancellationToken)
    {
        var queue = new ConcurrentQueue<(byte[] Body, int Samples)>(requests);
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(SendAllAsync, cancellationToken)));

        async Task SendAllAsync()
        {
            while (queue.TryDequeue(out (byte[] Body, int Samples) request))
            {
                using var content = new ByteArrayContent(request.Body);
                content.Headers.ContentEncoding.Add("snappy");
                content.Headers.ContentType = new("application/x-protobuf");
                using HttpResponseMessage response = await http.PostAsync(new Uri("/api/v1/write", UriKind.Relative), content, cancellationToken);
                if (!response.IsSuccessStatusCode) throw new ReplayFailedException($"{Program} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            }
        }
    }

    private static async Task StopAsync(Process process, CancellationToken cancellationToken)
    {
        using (Process kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StopLimit);
        await process.WaitForExitAsync(limit.Token);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
