using System.Diagnostics.Metrics;

namespace Weir.Stores.FrameStore;

/// <summary>The instruments of the frame store.</summary>
internal sealed class FrameStoreMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Stores.FrameStore");
    private readonly Counter<long> _decoded;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _unreadable;

    public FrameStoreMetrics(Func<long> hosts, Func<long> logBytes)
    {
        _decoded = _meter.CreateCounter<long>("weir.framestore.samples.decoded", "{sample}", "Samples decoded for queries.");
        _returned = _meter.CreateCounter<long>("weir.framestore.samples.returned", "{sample}", "Samples returned to queries; decoded / returned is the cost of an answer.");
        _unreadable = _meter.CreateCounter<long>("weir.framestore.frames.unreadable", "{frame}", "Frames left out of an answer because they could not be read, by reason.");
        _meter.CreateObservableGauge("weir.framestore.hosts", hosts, "{host}", "Hosts in the index.");
        _meter.CreateObservableGauge("weir.framestore.log.bytes", logBytes, "By", "Bytes of log that the store keeps.");
    }

    public void SamplesDecoded(long count) => _decoded.Add(count);

    public void SamplesReturned(long count) => _returned.Add(count);

    public void FrameUnreadable(string reason) => _unreadable.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();
}
