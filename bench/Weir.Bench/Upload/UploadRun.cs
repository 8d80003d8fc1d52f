using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Weir.Bench.Replay;
using Weir.Frames;
using Weir.TestKit.Processes;

namespace Weir.Bench.Upload;

/// <summary>Uploads a file from a real agent to a real server while one or both are killed, again and again.</summary>
internal sealed class UploadRun(UploadSettings settings, TextWriter progress)
{
    /// <summary>Chunks that the agent has on their way at a time.</summary>
    public const int Parallel = 4;

    private const int ChunkBytes = 1 << 20;
    private const string AgentId = "000000000000000a000000000000000b";
    private static readonly string[] Victims = ["client", "server", "both"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public async Task<UploadReport> RunAsync(CancellationToken cancellationToken)
    {
        string work = Directory.CreateDirectory(Path.Combine(settings.Directory, $"weir-upload-{Guid.NewGuid():n}")).FullName;
        try
        {
            string file = Path.Combine(work, "file.bin");
            string hash = await MakeFileAsync(file, cancellationToken);
            await WriteAgentAsync(Path.Combine(work, "agent"), cancellationToken);
            return await RunAsync(work, file, hash, cancellationToken);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task<UploadReport> RunAsync(string work, string file, string hash, CancellationToken cancellationToken)
    {
        string config = Path.Combine(work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\n", cancellationToken);
        int[] ports = FreePorts.Take(2);
        var up = new WeirUp { DataDirectory = Path.Combine(work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] };
        string dll = WeirProcess.FindDll();
        await using var relay = new CountingRelay(ports[1]);
        var legs = new List<UploadLeg>();
        WeirProcess server = await WeirProcess.UpAsync(dll, up, cancellationToken);
        Process client = StartClient(work, file, relay.Port);
        try
        {
            for (int kill = 0; kill < settings.Kills; kill++)
            {
                long before = relay.Bytes;
                long left = Math.Max(ChunkBytes, settings.FileBytes - legs.Sum(static leg => leg.Bytes));
                await relay.HoldAfter(left * 6 / 10).WaitAsync(Patience, cancellationToken);
                string victim = Victims[kill % Victims.Length];
                if (victim != "client") await server.DisposeAsync();
                if (victim != "server") await KillAsync(client, cancellationToken);
                legs.Add(new UploadLeg(victim, relay.Bytes - before, await ThereAsync(dll, up, cancellationToken)));
                await progress.WriteLineAsync($"{victim} killed after {legs[^1].Bytes} bytes, {legs[^1].There} chunks there");
                relay.Open();
                if (victim != "client") server = await WeirProcess.UpAsync(dll, up, cancellationToken);
                if (victim != "server") client = StartClient(work, file, relay.Port);
            }

            long last = relay.Bytes;
            await EndAsync(client, cancellationToken);
            legs.Add(new UploadLeg("nothing", relay.Bytes - last, await ThereAsync(dll, up, cancellationToken)));
            last = relay.Bytes;
            client.Dispose();
            client = StartClient(work, file, relay.Port);
            await EndAsync(client, cancellationToken);
            await CheckAsync(up, hash, cancellationToken);
            return new UploadReport(settings.FileBytes, ChunkBytes, (int)((settings.FileBytes + ChunkBytes - 1) / ChunkBytes), legs, relay.Bytes - last);
        }
        finally
        {
            await KillAsync(client, CancellationToken.None);
            await server.DisposeAsync();
        }
    }

    private async Task<string> MakeFileAsync(string path, CancellationToken cancellationToken)
    {
        var random = new Random(5);
        var bytes = new byte[ChunkBytes];
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using FileStream file = File.Create(path);
        for (long left = settings.FileBytes; left > 0; left -= bytes.Length)
        {
            random.NextBytes(bytes);
            Memory<byte> part = bytes.AsMemory(0, (int)Math.Min(left, bytes.Length));
            sha.AppendData(part.Span);
            await file.WriteAsync(part, cancellationToken);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    // What an agent that has run once leaves of itself.
    private static async Task WriteAgentAsync(string directory, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        string text = $"weir-agent 1\nid {AgentId}\nstarts 1\nclock 0\n";
        string crc = Crc32C.Compute(Encoding.ASCII.GetBytes(text)).ToString("x8", CultureInfo.InvariantCulture);
        await File.WriteAllTextAsync(Path.Combine(directory, "agent"), $"{text}crc {crc}\n", cancellationToken);
    }

    private static Process StartClient(string work, string file, int port)
    {
        string dll = Path.Combine(Path.GetDirectoryName(WeirProcess.FindDll())!.Replace("Weir.Server", "Weir.Agent", StringComparison.Ordinal), "weir-agent.dll");
        var start = new ProcessStartInfo("dotnet", [dll, "upload", file, "--kind", "recording", "--data", Path.Combine(work, "agent"), "--gateway", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task KillAsync(Process process, CancellationToken cancellationToken)
    {
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync(cancellationToken);
    }

    private static async Task EndAsync(Process process, CancellationToken cancellationToken)
    {
        await process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        if (process.ExitCode != 0) throw new ReplayFailedException($"weir-agent upload ended with code {process.ExitCode}");
    }

    private static async Task<int> ThereAsync(string dll, WeirUp up, CancellationToken cancellationToken)
    {
        JsonElement upload = await UploadAsync(dll, up, cancellationToken);
        return upload.GetProperty("chunks").GetInt32() - upload.GetProperty("missing").GetInt32();
    }

    private static async Task CheckAsync(WeirUp up, string hash, CancellationToken cancellationToken)
    {
        JsonElement upload = await UploadAsync(WeirProcess.FindDll(), up, cancellationToken);
        await using FileStream stored = File.OpenRead(upload.GetProperty("path").GetString()!);
        string found = Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken));
        if (!upload.GetProperty("whole").GetBoolean() || found != hash) throw new ReplayFailedException($"the file on the server has the hash {found}, not {hash}");
        string[] left = [.. Directory.EnumerateFiles(Path.Combine(up.DataDirectory, "uploads")).Select(static path => Path.GetExtension(path)).Order(StringComparer.Ordinal)];
        if (left is not [".data", ".state"]) throw new ReplayFailedException($"left behind: {string.Join(' ', left)}");
    }

    private static async Task<JsonElement> UploadAsync(string dll, WeirUp up, CancellationToken cancellationToken)
    {
        CommandResult result = await WeirProcess.RunAsync(dll, ["upload", "list", "--data", up.DataDirectory, "--output", "json"], cancellationToken);
        if (result.ExitCode != 0) throw new ReplayFailedException($"weir upload list: {result.Errors}");
        return JsonSerializer.Deserialize<JsonElement>(string.Join('\n', result.Output))[0];
    }
}
