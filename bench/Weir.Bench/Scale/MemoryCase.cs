using Weir.Bench.Replay;
using Weir.Frames;
using Weir.Stores.FrameStore;

namespace Weir.Bench.Scale;

/// <summary>What writer and store hold for a fleet whose last minutes are hot.</summary>
internal sealed class MemoryCase(RecordingRows rows, ScaleSettings settings)
{
    // Two renewals before the one that the hot frames begin with.
    private const int OlderSeconds = 2 * ProfileHistory.MaxTicks;

    public async Task<MemoryResult> RunAsync(int hosts, string directory, CancellationToken cancellationToken)
    {
        FleetLog fleet = await WriteAsync(hosts, directory, cancellationToken);
        MemorySample empty;
        string none = Path.Combine(directory, "empty");
        await using (FleetStorage start = await FleetStorage.OpenAsync(none))
        {
            await start.Writer.CatchUpAsync(cancellationToken);
            empty = MemorySample.Take();
        }

        await using FleetStorage storage = await FleetStorage.OpenAsync(directory);
        await storage.Writer.CatchUpAsync(cancellationToken);
        FleetCheck.Frames(storage, fleet.Frames);
        MemorySample held = MemorySample.Take() - empty;
        return new MemoryResult
        {
            Hosts = hosts,
            BaselineBytesPerHost = fleet.BaselineBytes / hosts,
            FramesPerHost = fleet.Frames / hosts,
            ManagedBytes = held.ManagedBytes,
            RssBytes = held.RssBytes,
            ManagedBytesPerHost = (double)held.ManagedBytes / hosts,
            RssBytesPerHost = (double)held.RssBytes / hosts,
            SchemasHeld = storage.SchemasHeld(),
            SchemaBytes = SchemaBytes(rows.Schema),
        };
    }

    private async Task<FleetLog> WriteAsync(int hosts, string directory, CancellationToken cancellationToken)
    {
        await using var log = await FleetStorage.OpenLogAsync(directory);
        var fleet = new FleetLog(log, hosts);
        using var host = new SampleHost(rows, settings.Ticks, SampleHost.Midnight);
        await fleet.AppendAsync(host.Opening, host.NextMs, cancellationToken);
        // What an agent that has run for a while has left behind besides its hot frames: the baselines that the writer still keeps.
        await fleet.AppendAsync(host.Next(OlderSeconds).FindAll(IsObject), host.NextMs, cancellationToken);
        await fleet.AppendAsync(host.Next(settings.HotSeconds), host.NextMs, cancellationToken);
        return fleet;
    }

    private static bool IsObject(byte[] entry) => EntryHeader.TryRead(entry, out EntryHeader header) == EntryError.None && header.Kind == EntryKind.Object;

    // A second one, made as the writer makes it of bytes, with the labels that the store makes of it.
    private static long SchemaBytes(Schema schema)
    {
        byte[] canonical = schema.Canonical.ToArray();
        byte[][] templates = [.. schema.Parts.Select(static part => part.Template).DistinctBy(static template => template.Id).Select(static template => template.Canonical.ToArray())];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        Dictionary<ContentId, Template> parsed = templates.Select(static bytes => Template.TryParse(bytes)!).ToDictionary(static template => template.Id);
        Schema copy = Schema.TryParse(canonical, parsed.GetValueOrDefault)!;
        SchemaLabels labels = SchemaLabels.Of(copy);
        labels.Match([new(Contracts.Labels.MetricName, Contracts.MatchOperator.Equal, "up")]);
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(copy);
        GC.KeepAlive(labels);
        return bytes;
    }
}
