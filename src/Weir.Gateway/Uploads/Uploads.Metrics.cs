using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Weir.Gateway;

/// <summary>The instruments of uploads, of the meter <c>Weir.Gateway</c>. Thread-safe.</summary>
internal sealed class UploadMetrics : IDisposable
{
    private readonly Meter _meter = new("Weir.Gateway");
    private readonly Counter<long> _chunks;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _dropped;

    public UploadMetrics(UploadStore store, UploadOptions options)
    {
        _chunks = _meter.CreateCounter<long>("weir.gateway.upload.chunks", "{chunk}", "Chunks received whole, by outcome: stored, wrong_size, wrong_hash.");
        _bytes = _meter.CreateCounter<long>("weir.gateway.upload.bytes", "By", "Bytes of chunks that were stored.");
        _refused = _meter.CreateCounter<long>("weir.gateway.upload.refused", "{request}", "Requests about uploads that were refused, by error.");
        _dropped = _meter.CreateCounter<long>("weir.gateway.upload.dropped", "{upload}", "Uploads given up, by reason: abandoned, expired, corrupt, other_file.");
        _meter.CreateObservableGauge("weir.gateway.upload.open", () => store.All.Count(static upload => !upload.IsCommitted), "{upload}", "Uploads that are not finished.");
        _meter.CreateObservableGauge("weir.gateway.upload.held.bytes", () => store.All.Sum(static upload => upload.State.Claim.FileSize), "By", "Bytes of all files, those announced and not yet sent included.");
        _meter.CreateObservableGauge("weir.gateway.upload.held.limit", () => options.MaxBytes, "By", "Most of them.");
    }

    public void Chunk(UploadError error, int bytes)
    {
        _chunks.Add(1, new KeyValuePair<string, object?>("outcome", error == UploadError.None ? "stored" : NameOf(error)));
        if (error == UploadError.None) _bytes.Add(bytes);
    }

    public void Refused(UploadError error) => _refused.Add(1, new KeyValuePair<string, object?>("error", NameOf(error)));

    public void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Dispose() => _meter.Dispose();

    /// <summary>The name of an error in answers and metrics.</summary>
    public static string NameOf(UploadError error) => JsonNamingPolicy.SnakeCaseLower.ConvertName(error.ToString());
}
