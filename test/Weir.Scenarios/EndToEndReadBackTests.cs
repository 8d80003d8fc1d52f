using System.Globalization;
using Weir.Bench.EndToEnd;
using Weir.Bench.Replay;
using Weir.Frames;
using Weir.Scenarios.Replay;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios;

/// <summary>The benchmark's store, read back with <c>weir query --data</c>, holds the recording bit for bit and nothing else.</summary>
public sealed class EndToEndReadBackTests : IDisposable
{
    private const int Hosts = 3;
    private const int Seconds = 40;

    private static readonly string Input = RepositoryRoot.Combine("test", "data", "linux-host-120.prom.zst");

    private readonly string _work = Directory.CreateTempSubdirectory("weir-readback-").FullName;

    [Fact]
    public async Task Replayed_recording_reads_back_bit_for_bit()
    {
        string dll = WeirProcess.FindDll(), data = Path.Combine(_work, "data");
        var run = new EndToEndRun(new EndToEndSettings { Input = Input, Hosts = Hosts, Seconds = Seconds, DataDirectory = data, WeirDll = dll }, TextWriter.Null);

        EndToEndReport report = await run.RunAsync(TestContext.Current.CancellationToken);

        var recording = Recording.Load(Input);
        Dictionary<(string Series, long TimeMs), ulong> everything = [];
        for (int host = 0; host < Hosts; host++)
        {
            Dictionary<(string Series, long TimeMs), ulong> expected = ReplayExpectation.Samples(
                recording, host, Seconds, new SeriesAttribute("host_id", run.Hosts[host].HostId), new SeriesAttribute("host_name", ReplayHost.NameOf(host)));
            ReplayExpectation.AssertSame(expected, await QueryAsync(dll, data, $$"""{host_name="{{ReplayHost.NameOf(host)}}"}""", recording));
            foreach ((var key, ulong bits) in expected) everything.Add(key, bits);
        }

        ReplayExpectation.AssertSame(everything, await QueryAsync(dll, data, """{__name__!=""}""", recording));
        Assert.Equal(everything.Count, report.Samples);
        Assert.Equal(everything.Count, report.WriterSamples.GetValueOrDefault("stored"));
        Assert.Equal(0, report.WriterSamples.Where(static pair => pair.Key != "stored").Sum(static pair => pair.Value));
        Assert.InRange(report.DiskBytesPerSample, 0.1, 16);
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    // A minute more on either side: what should not be there would show.
    private static async Task<Dictionary<(string Series, long TimeMs), ulong>> QueryAsync(string dll, string data, string selector, Recording recording)
    {
        long first = recording.FirstTickMs / 1000;
        string from = (first - 60).ToString(CultureInfo.InvariantCulture), to = (first + Seconds + 60).ToString(CultureInfo.InvariantCulture);
        CommandResult result = await WeirProcess.RunAsync(
            dll, ["query", selector, "--from", from, "--to", to, "--data", data, "--output", "csv"], TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"weir query ended with code {result.ExitCode}:\n{result.Errors}");
        return QueryCsv.Parse(result.Output);
    }
}
