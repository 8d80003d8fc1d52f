using System.Diagnostics.Metrics;

namespace Weir.Gateway;

/// <summary>The instruments of the gateways of this process.</summary>
internal sealed class GatewayMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Gateway");
    private readonly Counter<long> _entries;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _clones;
    private readonly Histogram<double> _durable;

    public GatewayMetrics(GatewayRegistry gateways)
    {
        _entries = _meter.CreateCounter<long>("weir.gateway.entries", "{entry}", "Entries received, by how they were judged: accepted, need, retry_version, reject.");
        _bytes = _meter.CreateCounter<long>("weir.gateway.received.bytes", "By", "Entry bytes received.");
        _clones = _meter.CreateCounter<long>("weir.gateway.clones", "{machine}", "Machines found to have the id of another one and told to take a new one.");
        _durable = _meter.CreateHistogram<double>("weir.gateway.durable.duration", "s", "From the receipt of a batch to its ack.");
        _meter.CreateObservableGauge("weir.gateway.streams", () => gateways.All.Select(static g => new Measurement<int>(g.Streams, Tag(g))), "{stream}", "Open streams.");
        _meter.CreateObservableGauge(
            "weir.gateway.inflight.bytes", () => gateways.All.Select(static g => new Measurement<long>(g.BytesInFlight, Tag(g))), "By", "Entry bytes received and not yet answered.");
    }

    public void Entry(string outcome) => _entries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void CloneFound() => _clones.Add(1);

    public void Received(int bytes) => _bytes.Add(bytes);

    public void Durable(TimeSpan elapsed) => _durable.Record(elapsed.TotalSeconds);

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(GatewayInstance gateway) => new("gateway", gateway.Id);
}
