using System.Runtime.CompilerServices;
using Weir.Contracts;

namespace Weir.Server.Exporting;

/// <summary>Reads one hour of one host after the other, in the order of the file: host name, host id, metric, labels.</summary>
/// <remarks>Memory: one host's hour, or one metric of it where the hour holds more than <see cref="MaxSamplesAtOnce"/>.</remarks>
internal sealed class HourReader(ISeriesReader reader, IHostReader hosts, ExportRequest request, ReadGaps gaps)
{
    /// <summary>Most samples read at once: 16 B each, 320 MB. Settable for tests.</summary>
    public long MaxSamplesAtOnce { get; init; } = 20_000_000;

    private readonly HostInfo[] _hosts = [.. hosts.Hosts(request.Tenant).DistinctBy(static host => host.AgentId, StringComparer.Ordinal)
        .OrderBy(static host => host.Name, StringComparer.Ordinal).ThenBy(static host => host.AgentId, StringComparer.Ordinal)];

    /// <summary>Every series of the hour.</summary>
    public async IAsyncEnumerable<HostSeries> ReadAsync(long hourMs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (HostInfo host in _hosts)
        {
            if (host.LastSampleMs < hourMs) continue;
            var selection = new SeriesSelection
            {
                Tenant = request.Tenant,
                Matchers = [.. request.Matchers, new LabelMatcher("host_id", MatchOperator.Equal, host.AgentId)],
                FromMs = hourMs,
                ToMs = hourMs + StoredHours.HourMs - 1,
                MaxSamples = MaxSamplesAtOnce,
                MaxSeries = int.MaxValue,
                Gaps = gaps,
            };
            await foreach (SeriesSamples[] part in PartsAsync(selection, host, cancellationToken))
            {
                HostSeries[] sorted = [.. part.Select(series => new HostSeries(host.Name, host.AgentId, LabelText.Of(series.Labels), series))
                    .OrderBy(static series => series.Samples.Labels.Name, StringComparer.Ordinal).ThenBy(static series => series.Labels, StringComparer.Ordinal)];
                foreach (HostSeries series in sorted) yield return series;
            }
        }
    }

    private async IAsyncEnumerable<SeriesSamples[]> PartsAsync(SeriesSelection selection, HostInfo host, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SeriesSamples[]? whole = await TryReadAsync(selection, cancellationToken);
        if (whole is not null)
        {
            yield return whole;
            yield break;
        }

        string[] names = [.. (await reader.FindSeriesAsync(selection, cancellationToken)).Select(static labels => labels.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (string name in names)
        {
            SeriesSelection metric = selection with { Matchers = [.. selection.Matchers, new LabelMatcher(Labels.MetricName, MatchOperator.Equal, name)] };
            yield return await TryReadAsync(metric, cancellationToken)
                ?? throw new ExportException(
                    $"host {host.Name} ({host.AgentId}) holds more than {MaxSamplesAtOnce} samples of {name} in one hour: leave the metric out with --match '{{__name__!=\"{name}\"}}'", ExitCode.Failed);
        }
    }

    private async Task<SeriesSamples[]?> TryReadAsync(SeriesSelection selection, CancellationToken cancellationToken)
    {
        try
        {
            return [.. await reader.ReadAsync(selection, cancellationToken)];
        }
        catch (ReadLimitException e) when (e.LimitName == "samples")
        {
            return null;
        }
    }
}
