using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Commands;
using Weir.Agent.Recordings;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Frames;
using Weir.Log;

namespace Weir.Agent.Tests.Commands;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-replay-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private static Task<AgentStore> OpenAsync(string directory) =>
        AgentStore.OpenAsync(StoreHarness.Options(directory, 64 << 20, 64 << 10), new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);

    private async Task<string> RecordAsync()
    {
        string source = Path.Combine(_work, "source"), path = Path.Combine(_work, "recording");
        await using (AgentStore store = await OpenAsync(source))
        {
            var schema = new Schema([.. TestSeries.Schema().Parts, new SchemaPart(AgentTemplates.Tick, [["high/1s"]])]);
            FrameBuilder frame = TestSeries.Frame(schema, StoreHarness.Begin.ToUnixTimeMilliseconds());
            await store.AppendFrameAsync(frame, store.ClockGeneration, Cancel);
        }

        await using var file = new FileStream(path, FileMode.CreateNew);
        RecordingFile.Pack(source, file);
        return path;
    }

    [Fact]
    public async Task Replay_DataDirectoryOfAnotherReplay_SaysSoWithItsOwnExitCode()
    {
        string path = await RecordAsync(), data = Path.Combine(_work, "data");
        await using AgentStore store = await OpenAsync(Path.Combine(data, "replay"));
        using StringWriter output = new(), error = new();
        Assert.Equal(ExitCodes.DataInUse, await AgentCommandLine.RunAsync(["replay", path, "--data", data], output, error));
        Assert.StartsWith($"{Path.Combine(data, "replay")} is in use by another agent", error.ToString(), StringComparison.Ordinal);
    }
}
