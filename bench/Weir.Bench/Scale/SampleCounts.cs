using System.Diagnostics.Metrics;

namespace Weir.Bench.Scale;

/// <summary>What the store says of its reads from now on, by its own instruments.</summary>
internal sealed class SampleCounts : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _decoded;
    private long _returned;

    public SampleCounts()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Weir.Stores.FrameStore" && instrument.Name is "weir.framestore.samples.decoded" or "weir.framestore.samples.returned")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == "weir.framestore.samples.decoded") Interlocked.Add(ref _decoded, value);
            else Interlocked.Add(ref _returned, value);
        });
        _listener.Start();
    }

    public long Decoded => Interlocked.Read(ref _decoded);

    public long Returned => Interlocked.Read(ref _returned);

    public void Dispose() => _listener.Dispose();
}
