using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Commands;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Commands;

/// <summary><c>weir-agent spool</c> on a directory of the machine.</summary>
public sealed class SpoolCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("weir-spool-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Inspect_OfARunningAgent_SaysWhatIsHeldAndAcked()
    {
        await using AgentStore store = await OpenAsync();
        await FillAsync(store, 40);
        store.Settle(store.CurrentEpoch, 1, 10);
        store.SaveAcks();

        (int code, string output, string errors) = await RunAsync("inspect", "--output", "json");

        Assert.True(code == 0, errors);
        using JsonDocument json = JsonDocument.Parse(output);
        Assert.Equal(store.AgentId.ToString(), json.RootElement.GetProperty("agent").GetString());
        Assert.Equal(store.UnsettledEntries, json.RootElement.GetProperty("notAcked").GetInt64());
        JsonElement epoch = Assert.Single(json.RootElement.GetProperty("epochs").EnumerateArray());
        Assert.Equal((store.CurrentEpoch.ToString("x16", CultureInfo.InvariantCulture), 11), (epoch.GetProperty("epoch").GetString(), epoch.GetProperty("oldestNotAcked").GetInt32()));
        JsonElement[] segments = [.. json.RootElement.GetProperty("segments").EnumerateArray()];
        Assert.True(segments.Length > 2);
        Assert.Equal(40, (segments[^1].GetProperty("newestTickMs").GetInt64() - segments[0].GetProperty("oldestTickMs").GetInt64() + 1000) / 1000);
        Assert.All(segments, static segment => Assert.False(segment.GetProperty("damaged").GetBoolean()));

        (code, output, _) = await RunAsync("inspect");
        Assert.Equal(0, code);
        Assert.Contains($"agent {store.AgentId}: 1 epoch, {segments.Length} segments", output, StringComparison.Ordinal);
        // Nothing was written or locked.
        await FillAsync(store, 1);
    }

    [Fact]
    public async Task Verify_BitFlip_NamesTheEntryAndExitsWith1()
    {
        await using (AgentStore store = await OpenAsync()) await FillAsync(store, 40);
        (int code, string output, string errors) = await RunAsync("verify");
        Assert.Equal((0, ""), (code, output));
        Assert.Contains("all intact", errors, StringComparison.Ordinal);

        string segment = Directory.GetFiles(Path.Combine(_data, "spool"), "*.seg").Order(StringComparer.Ordinal).ElementAt(1);
        byte[] bytes = await File.ReadAllBytesAsync(segment, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Cancel);
        (code, output, errors) = await RunAsync("verify");
        Assert.Equal(1, code);
        Assert.Matches("^position \\d+: epoch [0-9a-f]{16}, seq \\d+ \\(samples\\): its bytes are broken; no gateway has acked it\n$", output);
        Assert.Contains("damage in 1 place", errors, StringComparison.Ordinal);

        bytes[40] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, Cancel);
        (code, output, _) = await RunAsync("verify");
        Assert.Equal(1, code);
        Assert.Contains("nothing that can be read stands there", output, StringComparison.Ordinal);
        Assert.Contains("gone with their index", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_WritesHeadersAndBytes()
    {
        string to = Path.Combine(_data, "out");
        var items = new List<SpooledItem>();
        await using (AgentStore store = await OpenAsync())
        {
            await FillAsync(store, 3);
            items = SpooledItem.ReadAll(store);
            await store.BuryAsync(items[^1].Entry, DropReason.Rejected, Cancel);
        }

        (int code, string output, string errors) = await RunAsync("export", "--to", to);
        Assert.True(code == 0, errors);
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(items.Count + 1, lines.Length);
        for (int i = 0; i < items.Count; i++)
        {
            using JsonDocument line = JsonDocument.Parse(lines[i]);
            Assert.Equal(items[i].Seq, line.RootElement.GetProperty("seq").GetUInt64());
            Assert.Equal(items[i].Header.SampleCount, line.RootElement.GetProperty("samples").GetInt32());
            Assert.Equal(items[i].Bytes, await File.ReadAllBytesAsync(Path.Combine(to, $"{items[i].Epoch:x16}-{items[i].Seq}.entry"), Cancel));
        }

        (code, output, errors) = await RunAsync("export", "--quarantine");
        Assert.True(code == 0, errors);
        using JsonDocument copy = JsonDocument.Parse(output);
        Assert.Equal((items[^1].Seq, "rejected", "None"), (copy.RootElement.GetProperty("seq").GetUInt64(), copy.RootElement.GetProperty("reason").GetString(), copy.RootElement.GetProperty("error").GetString()));
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("verify")]
    [InlineData("export")]
    public async Task NoAgentsDirectory_IsSaidPrecisely(string command)
    {
        (int code, _, string errors) = await RunAsync(command);
        Assert.Equal(4, code);
        Assert.Contains($"{_data} is not the data directory of an agent", errors, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter();
        int code = await AgentCommandLine.RunAsync(["spool", .. arguments, "--data", _data], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private Task<AgentStore> OpenAsync() => AgentStore.OpenAsync(StoreHarness.Options(_data, 64 << 20, 2000), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task FillAsync(AgentStore store, int frames)
    {
        Schema schema = TestSeries.Schema();
        long first = StoreHarness.Begin.ToUnixTimeMilliseconds();
        for (int i = 0; i < frames; i++)
        {
            FrameBuilder frame = TestSeries.Frame(schema, first + (i * 1000), 1, i);
            await store.AppendFrameAsync(frame, store.ClockGeneration, Cancel);
        }
    }
}
