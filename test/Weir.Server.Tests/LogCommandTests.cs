using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Log;
using Weir.Server.Configuration;
using Weir.Server.Hosting;
using Weir.TestKit.Agents;
using Weir.TestKit.Processes;

namespace Weir.Server.Tests;

/// <summary><c>weir log inspect|verify</c>, from outside.</summary>
public sealed class LogCommandTests : IDisposable
{
    private static readonly string Dll = Path.Combine(AppContext.BaseDirectory, "weir.dll");

    private readonly string _data = Directory.CreateTempSubdirectory("weir-log-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Verify_BesideARunningServerAndAfterABitFlip_NamesTheRecord()
    {
        var config = new ServerConfig { DataDirectory = _data, ReserveBytes = 1 << 20 };
        var agent = new TestAgent(1);
        int partition = agent.Id.Partition(EmbeddedLog.DefaultPartitions);
        await using (Storage storage = await Storage.OpenAsync(config, create: true, new LateDirectives(), TimeProvider.System, NullLoggerFactory.Instance))
        {
            Assert.Equal(1 << 20, new FileInfo(Path.Combine(_data, "RESERVE")).Length);
            for (int i = 0; i < 3; i++) await storage.Log.AppendAsync(LogClass.Live, partition, Record(agent));
            // The server has it open, and goes on using it.
            CommandResult running = await RunAsync("log", "verify");
            Assert.True(running.ExitCode == 0, running.Errors);
            Assert.Contains("3 records", running.Errors, StringComparison.Ordinal);
            await storage.Log.AppendAsync(LogClass.Live, partition, Record(agent));
        }

        CommandResult inspect = await RunAsync("log", "inspect", "--output", "json");
        using JsonDocument json = JsonDocument.Parse(string.Join('\n', inspect.Output));
        JsonElement held = json.RootElement.GetProperty("partitions").EnumerateArray().Single(each => each.GetProperty("bytes").GetInt64() > 0);
        Assert.Equal($"live/{partition}", held.GetProperty("partition").GetString());
        Assert.Equal(2 * EmbeddedLog.DefaultPartitions, json.RootElement.GetProperty("partitions").GetArrayLength());

        string segment = Directory.GetFiles(Path.Combine(_data, "log", "live", $"{partition}"), "*.seg").Single();
        await using (FileStream file = File.Open(segment, FileMode.Open))
        {
            // The last byte of the second record's payload stands right ahead of the third block.
            file.Position = (file.Length - 32) / 4 * 2 + 31;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }

        CommandResult damaged = await RunAsync("log", "verify");
        Assert.Equal(1, damaged.ExitCode);
        string line = Assert.Single(damaged.Output);
        Assert.StartsWith($"live/{partition}: position ", line, StringComparison.Ordinal);
        Assert.Contains($"agent {agent.Id}, epoch ", line, StringComparison.Ordinal);
        Assert.Contains("damage in 1 place", damaged.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_NoDataDirectory_ExitsWith3()
    {
        CommandResult result = await WeirProcess.RunAsync(Dll, ["log", "inspect", "--data", Path.Combine(_data, "nothing")], Cancel);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("not a data directory", result.Errors, StringComparison.Ordinal);
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => WeirProcess.RunAsync(Dll, [.. arguments, "--data", _data], Cancel);

    private static RecordBuilder Record(TestAgent agent)
    {
        var record = new RecordBuilder();
        record.Begin(new RecordHeader { Tenant = "default", AgentId = agent.Id, Epoch = 5, StartNumber = 1, Line = BusinessLine.Live, ReceivedMs = 1, GatewayId = "g" });
        byte[] frame = agent.Frame(1_700_000_000_000);
        Assert.Equal(Frames.EntryError.None, Frames.EntryHeader.TryRead(frame, out Frames.EntryHeader header));
        record.Add(frame, header.HeaderBytes);
        return record;
    }
}
