using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Commands;
using Weir.Agent.Local;
using Weir.Agent.Tests.Collection;

namespace Weir.Agent.Tests.Local;

/// <summary>A collector that keeps what it allocates, as an agent tells of it.</summary>
public sealed class LeakTests : IDisposable
{
    private const int KeptBytes = 1 << 20;
    private const int Runs = 5;

    private readonly SteppedTime _time = new(DateTimeOffset.FromUnixTimeMilliseconds(EngineHarness.Start));
    private readonly InstrumentReader _instruments = new();
    private readonly FakeCollector _steady = new("steady", "0");
    private readonly string _config = Path.GetTempFileName();

    public void Dispose()
    {
        _instruments.Dispose();
        _steady.Dispose();
        File.Delete(_config);
    }

    private CollectorStatus StatusOf(ICollector collector)
    {
        var slot = new CollectorSlot(collector, _time);
        for (int run = 0; run < Runs; run++)
        {
            Assert.True(slot.TryQueue(run) && slot.TryBegin());
            slot.Run(static (_, _) => { });
        }

        return CollectorStatus.Of(slot, LaneKind.Normal, TimeSpan.FromSeconds(1));
    }

    private static long BytesOf(string collector, string list) => long.Parse(Regex.Match(list, $@"(?m)^{collector} +works +normal +1s +\d+ +\S+ +(\d+)\r?$").Groups[1].Value, CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_collector_that_leaks_is_named_with_its_bytes_in_status_and_list()
    {
        using var leaking = new Leaking();
        CollectorStatus[] found = [StatusOf(leaking), StatusOf(_steady)];
        Assert.InRange(found[0].AllocatedBytesPerRun, KeptBytes, 2 * KeptBytes);
        Assert.InRange(found[1].AllocatedBytesPerRun, 0, 64 << 10);

        using var stop = new CancellationTokenSource();
        var listening = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pages = new LocalPages(_instruments, static _ => Task.FromResult<IReadOnlyList<GroupSnapshot>>([]), () => StatusReader.Describe(0, found), static () => ProcessInventory.None);
        Task running = new LocalListener(new IPEndPoint(IPAddress.Loopback, 0), pages, TimeProvider.System, NullLogger.Instance).RunAsync(listening.SetResult, stop.Token);
        await File.WriteAllTextAsync(_config, $"listen: {await listening.Task}\n", TestContext.Current.CancellationToken);
        using StringWriter output = new(), error = new();
        int code = await AgentCommandLine.RunAsync(["list", "--config", _config], output, error);
        await stop.CancelAsync();
        await running;

        Assert.Equal((ExitCodes.Ok, ""), (code, error.ToString()));
        Assert.Equal(found.Select(static each => each.AllocatedBytesPerRun), ((string[])["leaking", "steady"]).Select(name => BytesOf(name, output.ToString())));
    }

    private sealed class Leaking : ICollector
    {
        private readonly List<byte[]> _kept = [];

        public string Name => "leaking";

        public void Collect(Columns columns) => _kept.Add(new byte[KeptBytes]);

        public void Dispose() => _kept.Clear();
    }
}
