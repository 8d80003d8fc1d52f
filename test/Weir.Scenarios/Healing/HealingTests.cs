using System.Globalization;
using Weir.Frames;
using Weir.Protocol.V1;
using Weir.Scenarios.Replay;
using Weir.TestKit.Agents;

namespace Weir.Scenarios.Healing;

/// <summary>Damage to the log of a running server, found by a query and healed from the agents.</summary>
public sealed class HealingTests : IDisposable
{
    private const long T0 = 1_700_000_000_000;
    private const int Frames = 20;

    private readonly string _work = Directory.CreateTempSubdirectory("weir-healing-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task A_bit_flip_in_the_log_is_named_asked_for_and_healed_by_a_copy_that_is_stored_once()
    {
        (string dll, WeirUp up) = await PrepareAsync();
        var agent = new TestAgent(1);
        byte[][] frames;
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            using TestStream stream = await TestStream.ConnectAsync(weir.Grpc, agent.Id, Cancellation);
            await stream.DeliverAsync(agent, [agent.EpochStart(T0), .. agent.Objects(T0)], Cancellation);
            frames = [.. Enumerable.Range(0, Frames).Select(i => agent.Frame(T0 + (i * 1000)))];
            foreach (byte[] frame in frames) await stream.DeliverAsync(agent, [frame], Cancellation);
            await WaitAsync(async () => (await QueryAsync(weir, agent)).Samples == Frames);
            FlipBit(frames[7]);
            (int samples, bool warned) = await QueryAsync(weir, agent);
            Assert.Equal((Frames - 1, true), (samples, warned));

            Directive asked = await ReadResendAsync(stream);
            Assert.Equal((Frames - 1, true), await QueryAsync(weir, agent));
            SeqRange range = Assert.Single(asked.Resend.Seqs);
            Assert.Equal((agent.Epoch, 11UL, 11UL), (asked.Resend.Epoch, range.First, range.Last));
            await stream.SendAsync(new ToGateway { DirectiveResult = new DirectiveResult { Id = asked.Id, Status = DirectiveStatus.Done } }, Cancellation);
            await stream.DeliverAsync(agent, [frames[7]], Cancellation);
            await WaitAsync(async () => await QueryAsync(weir, agent) == (Frames, false));
            await weir.KillAsync();
        }

        // Behind a kill as before it, and the copy once.
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            Assert.Equal((Frames, false), await QueryAsync(weir, agent));
            await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        CommandResult result = await WeirProcess.RunAsync(dll, ["store", "seal", "--data", up.DataDirectory], Cancellation);
        Assert.True(result.ExitCode == 0, result.Errors);
        result = await WeirProcess.RunAsync(dll, ["store", "verify", "--data", up.DataDirectory], Cancellation);
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.Contains($"{Frames * agent.Schema.SeriesCount} samples: all intact", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_agent_no_longer_holds_is_named_by_answers_and_by_weir_store()
    {
        (string dll, WeirUp up) = await PrepareAsync();
        var agent = new TestAgent(1);
        await using (WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation))
        {
            using TestStream stream = await TestStream.ConnectAsync(weir.Grpc, agent.Id, Cancellation);
            await stream.DeliverAsync(agent, [agent.EpochStart(T0), .. agent.Objects(T0)], Cancellation);
            byte[][] frames = [.. Enumerable.Range(0, Frames).Select(i => agent.Frame(T0 + (i * 1000)))];
            foreach (byte[] frame in frames) await stream.DeliverAsync(agent, [frame], Cancellation);
            await WaitAsync(async () => (await QueryAsync(weir, agent)).Samples == Frames);
            FlipBit(frames[3]);
            await QueryAsync(weir, agent);
            Directive asked = await ReadResendAsync(stream);
            await stream.SendAsync(new ToGateway { DirectiveResult = new DirectiveResult { Id = asked.Id, Status = DirectiveStatus.Refused } }, Cancellation);
            await WaitAsync(() => Task.FromResult(weir.Output.Contains("lost for good", StringComparison.Ordinal)));
            Assert.Equal((Frames - 1, true), await QueryAsync(weir, agent));
            await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
        }

        string lost = $"lost: host {agent.Id}, entries 7 to 7 of epoch {agent.Epoch:x16}, 2023-11-14 22:13:23Z to 2023-11-14 22:13:23Z";
        CommandResult verified = await WeirProcess.RunAsync(dll, ["store", "verify", "--data", up.DataDirectory], Cancellation);
        Assert.Equal((0, lost), (verified.ExitCode, Assert.Single(verified.Output)));
        CommandResult inspected = await WeirProcess.RunAsync(dll, ["store", "inspect", "--data", up.DataDirectory], Cancellation);
        Assert.Contains("  " + lost, inspected.Output);
    }

    [Fact]
    public async Task A_real_agent_heals_the_log_of_its_server()
    {
        string dll = WeirProcess.FindDll();
        var up = new WeirUp { DataDirectory = Path.Combine(_work, "data") };
        await using WeirProcess weir = await WeirProcess.UpAsync(dll, up, Cancellation);
        using var http = new HttpClient { BaseAddress = weir.Http };
        byte[]? frame = null;
        await WaitAsync(() => Task.FromResult((frame = OldestFrame()) is not null));
        FlipBit(frame!);
        EntryHeader.TryRead(frame, out EntryHeader header);
        // Found by the query, healed by the spool: what it lacked is there.
        await WaitAsync(async () => (await ReadAsync(http, header.FirstMs)).Contains("warnings", StringComparison.Ordinal));
        await WaitAsync(async () => !(await ReadAsync(http, header.FirstMs)).Contains("warnings", StringComparison.Ordinal));
        string metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancellation);
        Assert.Contains("weir_writer_entries_damaged_total", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("weir_writer_entries_lost_total", metrics, StringComparison.Ordinal);
        await weir.StopAsync(TimeSpan.FromSeconds(30), Cancellation);
    }

    private static Task<string> ReadAsync(HttpClient http, long timeMs) => http.GetStringAsync(
        new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/v1/query_range?query=%7Bhost_name!=%22%22%7D&start={(timeMs / 1000) - 1}&end={(timeMs / 1000) + 1}&step=1"), UriKind.Relative), Cancellation);

    private async Task<(string Dll, WeirUp Up)> PrepareAsync()
    {
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, "agent: { enabled: false }\ngate: { horizon_ahead: off, horizon_back: off }\n", Cancellation);
        int[] ports = FreePorts.Take(2);
        return (WeirProcess.FindDll(), new WeirUp { DataDirectory = Path.Combine(_work, "data"), ConfigFile = config, HttpPort = ports[0], GrpcPort = ports[1] });
    }

    private static async Task<Directive> ReadResendAsync(TestStream stream)
    {
        while (true)
        {
            ToAgent message = await stream.ReadAsync(Cancellation);
            if (message.Directive?.Resend is not null) return message.Directive;
        }
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await condition()) await Task.Delay(100, limit.Token);
    }

    private static async Task<(int Samples, bool Warned)> QueryAsync(WeirProcess weir, TestAgent agent)
    {
        string from = (T0 / 1000).ToString(CultureInfo.InvariantCulture), to = ((T0 / 1000) + Frames).ToString(CultureInfo.InvariantCulture);
        CommandResult result = await WeirProcess.RunAsync(
            WeirProcess.FindDll(), ["query", $$"""{host_id="{{agent.Id}}",instance="i0"}""", "--from", from, "--to", to, "--url", weir.Http.ToString(), "--output", "csv"], Cancellation);
        Assert.True(result.ExitCode == 0, result.Errors);
        return (QueryCsv.Parse(result.Output).Count, result.Errors.Contains("lacks samples", StringComparison.Ordinal));
    }

    private IEnumerable<string> Segments() => Directory.EnumerateFiles(Path.Combine(_work, "data", "log"), "*.seg", SearchOption.AllDirectories);

    private void FlipBit(byte[] frame)
    {
        foreach (string path in Segments())
        {
            int at = Read(path).AsSpan().IndexOf(frame);
            if (at < 0) continue;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Position = at + frame.Length - 1;
            file.WriteByte((byte)(frame[^1] ^ 1));
            return;
        }

        Assert.Fail("the frame is not in the log");
    }

    // The first of several: a run is (u32 length, entry)*.
    private byte[]? OldestFrame()
    {
        foreach (string path in Segments())
        {
            byte[] bytes = Read(path);
            byte[]? first = null;
            for (int at = 0; at + 4 < bytes.Length; at++)
            {
                int length = BitConverter.ToInt32(bytes, at);
                if (length < 40 || length > bytes.Length - at - 4 || length > 1 << 20) continue;
                if (EntryHeader.TryRead(bytes.AsSpan(at + 4, length), out EntryHeader header) != EntryError.None || header.Kind != EntryKind.Samples) continue;
                if (first is not null) return first;
                first = bytes[(at + 4)..(at + 4 + length)];
            }
        }

        return null;
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
