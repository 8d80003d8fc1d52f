using System.Diagnostics.Metrics;
using System.Globalization;

namespace Weir.Agent.Local;

/// <summary>Keeps the agent's own instruments in a form that can be shown: sums of counters, buckets of histograms, what observable ones say when asked.</summary>
/// <remarks>
/// A measurement costs a lookup and allocates nothing once its attributes are known. At most <see cref="MaxSeries"/> sets of attributes of an instrument are
/// kept; what comes beyond is not shown. What an observable instrument no longer says is no longer shown and leaves its place. Thread-safe.
/// </remarks>
internal sealed class InstrumentReader : IDisposable
{
    /// <summary>Most sets of attributes of one instrument.</summary>
    public const int MaxSeries = 256;

    private static readonly double[] SecondsBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

    private static readonly string[] SecondsTexts = [.. SecondsBounds.Select(static bound => bound.ToString("0.0####", CultureInfo.InvariantCulture)), "+Inf"];

    private readonly MeterListener _listener = new();
    private readonly List<Shown> _shown = [];
    private readonly Lock _gate = new();
    private readonly Lock _turn = new();

    /// <summary>Listens from now on.</summary>
    public InstrumentReader()
    {
        _listener.InstrumentPublished = Publish;
        _listener.MeasurementsCompleted = (_, state) =>
        {
            lock (_gate) _shown.Remove((Shown)state!);
        };
        // Without a state: its meter is disposed of just now.
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => (state as Shown)?.Take(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => (state as Shown)?.Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => (state as Shown)?.Take(value, tags));
        _listener.Start();
    }

    /// <summary>Writes everything as it is now.</summary>
    public void WriteTo(OpenMetricsText text)
    {
        // One at a time: what one recording does not say must be what another has said.
        lock (_turn)
        {
            Shown[] shown;
            lock (_gate) shown = [.. _shown];
            foreach (Shown each in shown) each.Ask();
            _listener.RecordObservableInstruments();
            foreach (Shown each in shown) each.WriteTo(text);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Publish(Instrument instrument, MeterListener listener)
    {
        if (!instrument.Meter.Name.StartsWith("Weir.Agent", StringComparison.Ordinal) && instrument.Meter.Name != "System.Runtime") return;
        var shown = new Shown(instrument);
        lock (_gate) _shown.Add(shown);
        listener.EnableMeasurementEvents(instrument, shown);
    }

    private sealed class Shown
    {
        private readonly Lock _gate = new();
        private readonly List<Row> _rows = [];
        private readonly string _family;
        private readonly string _type;
        private readonly string? _help;
        private readonly bool _isSum;
        private readonly bool _isObservable;
        private readonly double[]? _bounds;

        public Shown(Instrument instrument)
        {
            bool isAdding = instrument is Counter<long> or Counter<int> or Counter<double>;
            bool isCounter = isAdding || instrument is ObservableCounter<long> or ObservableCounter<int> or ObservableCounter<double>;
            bool isHistogram = instrument is Histogram<double> or Histogram<long> or Histogram<int>;
            _isSum = isAdding || instrument is UpDownCounter<long> or UpDownCounter<int> or UpDownCounter<double>;
            _isObservable = instrument.IsObservable;
            _bounds = isHistogram ? SecondsBounds : null;
            _type = isHistogram ? "histogram" : isCounter ? "counter" : "gauge";
            _family = PrometheusNames.Metric(new Metric(instrument.Name, instrument.Unit ?? "", isCounter ? MetricKind.Counter : MetricKind.Gauge), NamingRule.OpenTelemetry);
            _help = instrument.Description;
        }

        public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (_gate)
            {
                if (Find(tags) is not { } row) return;
                row.Count++;
                row.IsSaid = true;
                row.Value = _isSum || _bounds is not null ? row.Value + value : value;
                if (_bounds is null) return;
                int bucket = Array.BinarySearch(_bounds, value);
                row.Buckets![bucket < 0 ? ~bucket : bucket]++;
            }
        }

        public void Ask()
        {
            lock (_gate)
            {
                foreach (Row row in _rows) row.IsSaid = false;
            }
        }

        public void WriteTo(OpenMetricsText text)
        {
            lock (_gate)
            {
                if (_isObservable) _rows.RemoveAll(static row => !row.IsSaid);
                foreach (Row row in _rows)
                {
                    if (_bounds is not null) WriteHistogram(text, row);
                    else text.Add(_family, _type, _help, row.Labels, row.Value);
                }
            }
        }

        private void WriteHistogram(OpenMetricsText text, Row row)
        {
            long below = 0;
            for (int i = 0; i < SecondsTexts.Length; i++)
            {
                below += row.Buckets![i];
                text.Add(_family, _type, _help, row.Labels, below, "_bucket", SecondsTexts[i]);
            }

            text.Add(_family, _type, _help, row.Labels, row.Value, "_sum");
            text.Add(_family, _type, _help, row.Labels, row.Count, "_count");
        }

        private Row? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (Row row in _rows)
                if (row.Has(tags)) return row;
            if (_rows.Count == MaxSeries) return null;
            var added = new Row(tags, _bounds is null ? null : new long[_bounds.Length + 1]);
            _rows.Add(added);
            return added;
        }
    }

    private sealed class Row(ReadOnlySpan<KeyValuePair<string, object?>> tags, long[]? buckets)
    {
        private readonly KeyValuePair<string, object?>[] _tags = tags.ToArray();

        public KeyValuePair<string, string>[] Labels { get; } =
            [.. tags.ToArray().Select(static tag => KeyValuePair.Create(PrometheusNames.Label(tag.Key, NamingRule.OpenTelemetry), tag.Value?.ToString() ?? ""))];

        public long[]? Buckets => buckets;

        public double Value { get; set; }

        public long Count { get; set; }

        public bool IsSaid { get; set; }

        public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != _tags.Length) return false;
            for (int i = 0; i < others.Length; i++)
                if (others[i].Key != _tags[i].Key || !Equals(others[i].Value, _tags[i].Value)) return false;
            return true;
        }
    }
}
