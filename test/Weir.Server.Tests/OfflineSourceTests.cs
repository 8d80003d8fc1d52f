using Microsoft.Extensions.Logging.Abstractions;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Server.Configuration;
using Weir.Server.Hosting;
using Weir.Server.Querying;
using Weir.Stores.FrameStore;
using Weir.TestKit.Agents;

namespace Weir.Server.Tests;

/// <summary>Commands on a data directory that a server has left: what it put into quarantine stays there, and what is damaged is given up for its copies.</summary>
public sealed class OfflineSourceTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("weir-offline-").FullName;
    private readonly TestAgent _agent = new(1);

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Read_FrameInQuarantine_IsNotShown()
    {
        await ServeAsync(_agent.Frame(NowMs() + 86_400_000));
        await using Storage storage = await OfflineSource.OpenStorageAsync(_data, TestContext.Current.CancellationToken);
        Assert.Empty(await ReadAsync(storage));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3600)]
    public async Task Seal_FrameInQuarantine_IsNotStoredAndTheDirectoryOpensAgain(int ticksAtTheEndOfTime)
    {
        await ServeAsync(ticksAtTheEndOfTime == 0 ? _agent.Frame(NowMs() + 86_400_000) : _agent.Frame((1L << 48) - 1000, ticksAtTheEndOfTime));
        await using (Storage storage = await OfflineSource.OpenStorageAsync(_data, TestContext.Current.CancellationToken))
        {
            await new StoreInspection(storage.Store).SealAsync(storage.Writer.Advance, TestContext.Current.CancellationToken);
        }

        await using Storage again = await OpenAsync();
        Assert.Empty(await ReadAsync(again));
    }

    [Fact]
    public async Task Seal_DamagedFrame_IsGivenUpAndItsCopyIsStored()
    {
        long nowMs = NowMs();
        byte[][] entries = [.. _agent.Objects(nowMs), _agent.Frame(nowMs), _agent.Frame(nowMs + 1000)];
        await ServeAsync(entries, quarantined: 0);
        await FlipBitAsync(entries[^2]);
        await using (Storage storage = await OfflineSource.OpenStorageAsync(_data, TestContext.Current.CancellationToken))
        {
            var inspection = new StoreInspection(storage.Store);
            await inspection.SealAsync(storage.Writer.Advance, TestContext.Current.CancellationToken);
            Assert.Equal(0, inspection.Inspect().Sum(static partition => partition.UnsealedBytes));
            Assert.Equal([nowMs + 1000], (await ReadAsync(storage))[0].TimesMs);
        }

        await ServeAsync([entries[^2]], quarantined: 0);
        await using Storage again = await OpenAsync();
        Assert.Equal([nowMs, nowMs + 1000], (await ReadAsync(again))[0].TimesMs);
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000;

    private static ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(Storage storage) => storage.Store.ReadAsync(
        new SeriesSelection { Tenant = "default", Matchers = [], FromMs = 0, ToMs = long.MaxValue / 2 }, TestContext.Current.CancellationToken);

    private Task ServeAsync(byte[] frame) => ServeAsync([.. _agent.Objects(NowMs()), frame], quarantined: 1);

    private async Task ServeAsync(byte[][] entries, int quarantined)
    {
        await using Storage storage = await OpenAsync();
        var record = new RecordBuilder();
        foreach (byte[] entry in entries)
        {
            record.Begin(new RecordHeader { Tenant = "default", AgentId = _agent.Id, Epoch = _agent.Epoch, StartNumber = 1, ReceivedMs = NowMs() });
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            record.Add(entry, header.HeaderBytes);
            await storage.Log.AppendAsync(LogClass.Live, _agent.Id.Partition(storage.Log.PartitionCount), record);
        }

        await storage.Writer.CatchUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(quarantined, storage.Writer.QuarantinedEntries);
    }

    private async Task FlipBitAsync(byte[] entry)
    {
        int flipped = 0;
        foreach (string path in Directory.EnumerateFiles(Path.Combine(_data, "log", "live"), "*.seg", SearchOption.AllDirectories))
        {
            byte[] log = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            if (log.AsSpan().IndexOf(entry) is not (>= 0 and int at)) continue;
            log[at + entry.Length - 1] ^= 1;
            await File.WriteAllBytesAsync(path, log, TestContext.Current.CancellationToken);
            flipped++;
        }

        Assert.Equal(1, flipped);
    }

    private async Task<Storage> OpenAsync()
    {
        var config = new ServerConfig { DataDirectory = _data };
        Storage storage = await Storage.OpenAsync(config, create: true, new LateDirectives(), TimeProvider.System, NullLoggerFactory.Instance);
        await storage.Writer.CatchUpAsync(TestContext.Current.CancellationToken);
        return storage;
    }
}
