using Google.Protobuf;
using Snappier;
using Weir.Bench.Codec.Formats.RemoteWrite;
using Weir.Bench.Replay;
using Weir.Frames;

namespace Weir.Bench.EndToEnd;

/// <summary>Makes the remote write requests of a host: the samples of a replay, some ticks to a request, each series with the host's name.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class RemoteWriteRequests
{
    private readonly ReplayPlan _plan;
    private readonly TimeSeries[] _series;
    private readonly Label[] _hostLabels;
    private readonly WriteRequest _request = new();

    public RemoteWriteRequests(ReplayPlan plan)
    {
        _plan = plan;
        _series = new TimeSeries[plan.Schema.SeriesCount];
        _hostLabels = new Label[_series.Length];
        for (int s = 0; s < _series.Length; s++)
        {
            _hostLabels[s] = new Label { Name = "host_name" };
            IEnumerable<Label> labels = plan.Schema.AttributesOf(s).Select(static attribute => new Label { Name = attribute.Key, Value = attribute.Value })
                .Append(new Label { Name = "__name__", Value = plan.Schema.MetricOf(s).Name }).Append(_hostLabels[s]).OrderBy(static label => label.Name, StringComparer.Ordinal);
            _series[s] = new TimeSeries();
            _series[s].Labels.AddRange(labels);
        }
    }

    /// <summary>The requests of a host, compressed, with the samples in each.</summary>
    public IEnumerable<(byte[] Body, int Samples)> Of(int host)
    {
        foreach (Label label in _hostLabels) label.Value = ReplayHost.NameOf(host);
        for (int first = 0; first < _plan.Seconds; first += _plan.TicksPerFrame) yield return Make(host, first, Math.Min(_plan.Seconds, first + _plan.TicksPerFrame));
    }

    private (byte[] Body, int Samples) Make(int host, int first, int end)
    {
        int samples = 0;
        _request.Timeseries.Clear();
        foreach (TimeSeries series in _series) series.Samples.Clear();
        for (int tick = first; tick < end; tick++)
        {
            ReadOnlySpan<double> values = _plan.Values(host, tick);
            ReadOnlySpan<byte> present = _plan.Present(host, tick);
            for (int s = 0; s < _series.Length; s++)
            {
                if (present[s] == 0) continue;
                _series[s].Samples.Add(new Sample { Value = values[s], Timestamp = _plan.TimeOf(tick) });
                samples++;
            }
        }

        foreach (TimeSeries series in _series)
            if (series.Samples.Count > 0) _request.Timeseries.Add(series);
        return (Snappy.CompressToArray(_request.ToByteArray()), samples);
    }
}
