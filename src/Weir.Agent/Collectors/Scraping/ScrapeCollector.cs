using System.Diagnostics;
using System.Security.Cryptography;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>The series of a Prometheus or OpenMetrics endpoint, and what scraping it was like.</summary>
/// <remarks>
/// A scrape gives all of an answer or nothing: what is malformed, cut, late or over a limit fails as a whole, is said in the log when it begins, and leaves
/// <c>weir.scrape.up</c> at 0 with the target's series of before failed. So it does not throw for what a target does. Samples carry the time of the tick.
/// The answer is held whole before a value is taken, since only its end says that it is one. Where it looks as the one before, taking it allocates nothing;
/// the request itself allocates some KiB.
/// </remarks>
internal sealed class ScrapeCollector : ICollector, IDegraded
{
    private const int Duration = 0, SeriesCount = 1, Up = 2, Dropped = 3;

    private static readonly string[] Reasons = [.. Enum.GetValues<ScrapeDrop>().Select(ReasonOf)];

    private readonly ScrapeTarget _target;
    private readonly TargetClient _client;
    private readonly ScrapeLearner _learner;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SchemaPart[] _own;
    private readonly long[] _dropped = new long[Reasons.Length];
    private IReadOnlyList<ScrapedSeries> _series = [];
    private LearntText? _learnt;
    private volatile string? _error;
    private long _failures;

    /// <summary>Makes the collector; nothing is connected yet.</summary>
    /// <param name="target">The target.</param>
    /// <param name="hostLabels">Names of the labels that all series of the host carry.</param>
    /// <param name="time">The clock of deadline and duration.</param>
    /// <param name="logger">Where it says that the target fails and works again.</param>
    public ScrapeCollector(ScrapeTarget target, IReadOnlyList<string> hostLabels, TimeProvider time, ILogger logger)
    {
        _target = target;
        _time = time;
        _logger = logger;
        _client = new TargetClient(target, time);
        _learner = new ScrapeLearner(target, new SampleLabels(target, hostLabels));
        _own = [new SchemaPart(Templates.Scrape, [[target.Name]]), new SchemaPart(Templates.ScrapeDropped, [.. Reasons.Select(reason => (string[])[target.Name, reason])])];
    }

    /// <summary>How many series tell of the scrape itself.</summary>
    public static int OwnSeries => Dropped + Reasons.Length;

    /// <inheritdoc/>
    public string Name => NameOf(_target);

    /// <summary>Why the last scrape failed; null where it did not.</summary>
    public string? Shortfall => _error;

    /// <summary>How much was dropped for a reason so far.</summary>
    public long DroppedOf(ScrapeDrop drop) => _dropped[(int)drop];

    /// <summary>The name of a target's collector.</summary>
    public static string NameOf(ScrapeTarget target) => $"scrape:{target.Name}";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape([.. _own, .. ScrapedParts.Of(_series)]);
        long started = _time.GetTimestamp();
        try
        {
            ExpositionFormat format = _client.Fetch();
            Take(_client.Text, format, columns);
            Worked();
        }
        catch (Exception error) when (ReasonOf(error) is { } reason)
        {
            Failed(Describe(error));
            for (int series = OwnSeries; series < columns.Count; series++) columns.Fail(series, reason);
        }

        columns.Set(Duration, _time.GetElapsedTime(started).TotalSeconds);
        columns.Set(SeriesCount, _error is null ? _series.Count : 0);
        columns.Set(Up, _error is null ? 1 : 0);
        for (int reason = 0; reason < Reasons.Length; reason++) columns.Set(Dropped + reason, _dropped[reason]);
    }

    /// <summary>Takes an answer: sets the values, and gives the columns a new shape where its series are others than before.</summary>
    /// <exception cref="ScrapeException">It is malformed or over a limit; the columns keep their shape.</exception>
    public void Take(ReadOnlySpan<byte> text, ExpositionFormat format, Columns columns)
    {
        if (_learnt?.TryTake(text, format, columns, OwnSeries) != true)
        {
            LearntText learnt = _learner.Learn(text, format);
            if (!ScrapedParts.AreEqual(_series, learnt.Series)) Shape(columns, learnt.Series);
            _learnt = learnt;
            if (!learnt.TryTake(text, format, columns, OwnSeries)) throw new UnreachableException("an answer differs from what was learnt of it");
        }

        for (int reason = 0; reason < Reasons.Length; reason++) _dropped[reason] += _learnt.Dropped[reason];
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private void Shape(Columns columns, IReadOnlyList<ScrapedSeries> series)
    {
        try
        {
            columns.Shape([.. _own, .. ScrapedParts.Of(series)]);
        }
        catch (ArgumentException error)
        {
            throw new ScrapeException(error.Message);
        }

        _series = series;
    }

    private void Worked()
    {
        if (_failures > 0) ScrapingLog.TargetWorks(_logger, _target.Name, _failures, _series.Count);
        _error = null;
        _failures = 0;
    }

    // Said when it begins, not at each scrape.
    private void Failed(string error)
    {
        if (_failures++ == 0) ScrapingLog.TargetFails(_logger, _target.Name, error);
        _error = error;
    }

    // What went wrong stands in the inner exceptions, where from in the outer one.
    private static string Describe(Exception error)
    {
        string text = error.Message;
        for (Exception? inner = error.InnerException; inner is not null; inner = inner.InnerException)
            if (!text.Contains(inner.Message, StringComparison.Ordinal)) text = $"{text}: {inner.Message}";
        return text;
    }

    // What a target, its files or the network do; null for anything else, which is a bug and for the lane to tell.
    private static FailureReason? ReasonOf(Exception error) => error switch
    {
        ScrapeException scrape => scrape.Reason,
        UnauthorizedAccessException => FailureReason.AccessDenied,
        HttpRequestException or IOException or InvalidDataException or OperationCanceledException or CryptographicException => FailureReason.Error,
        _ => null,
    };

    private static string ReasonOf(ScrapeDrop drop) => drop switch
    {
        ScrapeDrop.Duplicate => "duplicate",
        ScrapeDrop.Limit => "limit",
        ScrapeDrop.Invalid => "invalid",
        _ => "time",
    };
}
