using System.Globalization;
using Weir.TestKit.Processes;

namespace Weir.Scenarios.Up;

/// <summary>A host recorded into a file and replayed as three, by real processes.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-replay-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [Fact]
    public async Task A_recording_is_replayed_as_three_hosts_with_the_recorded_values()
    {
        string agent = BuiltProgram.Find("src/Weir.Agent", "weir-agent.dll"), recording = Path.Combine(_work, "host.weir");
        CommandResult recorded = await WeirProcess.RunAsync(agent, ["record", recording, "--for", "4s"], Cancellation);
        Assert.True(recorded.ExitCode == 0, recorded.Errors);

        string dll = WeirProcess.FindDll();
        await using WeirProcess weir = await WeirProcess.UpAsync(dll, new WeirUp { DataDirectory = Path.Combine(_work, "data") }, Cancellation);
        await using ChildProcess replay = ChildProcess.Start("dotnet", agent, "replay", recording, "--hosts", "3", "--name", "demo", "--gateway", weir.Grpc.Authority, "--data", Path.Combine(_work, "replay"));
        while (true)
        {
            CommandResult result = await WeirProcess.RunAsync(dll, ["query", "system_memory_limit_bytes{host_name=~\"demo-.*\"}", "--since", "30s", "--url", weir.Http.ToString(), "--output", "csv"], Cancellation);
            Assert.True(result.ExitCode == 0, result.Errors);
            List<(string Series, double Value)> samples = [.. Replay.QueryCsv.Parse(result.Output).Select(static sample => (sample.Key.Series, BitConverter.UInt64BitsToDouble(sample.Value)))];
            if (samples.Select(static sample => sample.Series).Distinct().Count() == 3)
            {
                Assert.All(samples, static sample => Assert.Equal(Limit(), sample.Value));
                break;
            }

            Assert.False(replay.HasExited, replay.Output);
            await Task.Delay(200, Cancellation);
        }

        Assert.Equal(0, await replay.StopAsync(TimeSpan.FromSeconds(30), Cancellation));
    }

    private static double Limit() =>
        1024 * double.Parse(File.ReadLines("/proc/meminfo").First(static line => line.StartsWith("MemTotal:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
