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

/// <summary>Commands on a data directory that a server has left: what it put into quarantine stays there.</summary>
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
            await new StoreInspection(storage.Store).SealAsync(TestContext.Current.CancellationToken);
            storage.Writer.Advance();
        }

        await using Storage again = await OpenAsync();
        Assert.Empty(await ReadAsync(again));
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000 * 1000;

    private static ValueTask<IReadOnlyList<SeriesSamples>> ReadAsync(Storage storage) => storage.Store.ReadAsync(
        new SeriesSelection { Tenant = "default", Matchers = [], FromMs = 0, ToMs = long.MaxValue / 2 }, TestContext.Current.CancellationToken);

    private async Task ServeAsync(byte[] frame)
    {
        await using Storage storage = await OpenAsync();
        var record = new RecordBuilder();
        foreach (byte[] entry in (byte[][])[.. _agent.Objects(NowMs()), frame])
        {
            record.Begin(new RecordHeader { Tenant = "default", AgentId = _agent.Id, Epoch = _agent.Epoch, StartNumber = 1, ReceivedMs = NowMs() });
            Assert.Equal(EntryError.None, EntryHeader.TryRead(entry, out EntryHeader header));
            record.Add(entry, header.HeaderBytes);
            await storage.Log.AppendAsync(LogClass.Live, _agent.Id.Partition(storage.Log.PartitionCount), record);
        }

        await storage.Writer.CatchUpAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, storage.Writer.QuarantinedEntries);
    }

    private async Task<Storage> OpenAsync()
    {
        var config = new ServerConfig { DataDirectory = _data };
        Storage storage = await Storage.OpenAsync(config, create: true, new LateDirectives(), TimeProvider.System, NullLoggerFactory.Instance);
        await storage.Writer.CatchUpAsync(TestContext.Current.CancellationToken);
        return storage;
    }
}
