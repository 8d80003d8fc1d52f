using System.Diagnostics.Metrics;

namespace Weir.Stores.FrameStore;

/// <summary>The instruments of the frame store.</summary>
internal sealed class FrameStoreMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Stores.FrameStore");
    private readonly Counter<long> _decoded;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _unreadable;
    private readonly Counter<long> _sealed;
    private readonly Counter<long> _merged;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _damaged;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;

    public FrameStoreMetrics(Func<long> hosts, Func<long> logBytes, Func<long> parts, Func<long> partBytes, Func<long> partSamples, Func<long> damagedParts)
    {
        _decoded = _meter.CreateCounter<long>("weir.framestore.samples.decoded", "{sample}", "Samples decoded for queries.");
        _returned = _meter.CreateCounter<long>("weir.framestore.samples.returned", "{sample}", "Samples returned to queries; decoded / returned is the cost of an answer.");
        _unreadable = _meter.CreateCounter<long>("weir.framestore.frames.unreadable", "{frame}", "Frames left out of an answer or a part because they could not be read, by reason.");
        _sealed = _meter.CreateCounter<long>("weir.framestore.samples.sealed", "{sample}", "Samples rewritten from the log into parts.");
        _merged = _meter.CreateCounter<long>("weir.framestore.samples.merged", "{sample}", "Samples rewritten from parts into a merged part.");
        _expired = _meter.CreateCounter<long>("weir.framestore.samples.expired", "{sample}", "Samples given up with their parts, by reason: age, bytes.");
        _damaged = _meter.CreateCounter<long>("weir.framestore.blocks.damaged", "{block}", "Directories and blocks of parts that failed their checksum and were left out of an answer.");
        _failures = _meter.CreateCounter<long>("weir.framestore.upkeep.failures", "{failure}", "Seals, merges, retention passes and unlinked files that failed and are tried again, by work.");
        _duration = _meter.CreateHistogram<double>("weir.framestore.upkeep.duration", "s", "How long a seal or merge took, by work.");
        _meter.CreateObservableGauge("weir.framestore.hosts", hosts, "{host}", "Hosts in the index.");
        _meter.CreateObservableGauge("weir.framestore.log.bytes", logBytes, "By", "Bytes of log that the store keeps.");
        _meter.CreateObservableGauge("weir.framestore.parts", parts, "{part}", "Parts that the manifests name.");
        _meter.CreateObservableGauge("weir.framestore.parts.bytes", partBytes, "By", "Bytes of these parts.");
        _meter.CreateObservableGauge("weir.framestore.parts.samples", partSamples, "{sample}", "Samples in these parts.");
        _meter.CreateObservableGauge("weir.framestore.parts.damaged", damagedParts, "{part}", "Parts that the manifests name and that cannot be used.");
    }

    public void SamplesDecoded(long count) => _decoded.Add(count);

    public void SamplesReturned(long count) => _returned.Add(count);

    public void FrameUnreadable(string reason) => _unreadable.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void SamplesSealed(long count) => _sealed.Add(count);

    public void SamplesMerged(long count) => _merged.Add(count);

    public void SamplesExpired(long count, string reason) => _expired.Add(count, new KeyValuePair<string, object?>("reason", reason));

    public void BlockDamaged() => _damaged.Add(1);

    public void UpkeepFailed(string work) => _failures.Add(1, new KeyValuePair<string, object?>("work", work));

    public void UpkeepTook(string work, TimeSpan duration) => _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("work", work));

    public void Dispose() => _meter.Dispose();
}
