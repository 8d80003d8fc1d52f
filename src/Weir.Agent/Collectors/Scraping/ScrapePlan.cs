using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>The collectors of the configured targets: one for each, alone in its group, since its series come and go with its program.</summary>
internal static class ScrapePlan
{
    /// <summary>Makes them.</summary>
    public static IEnumerable<CollectorInfo> Of(AgentConfig config)
    {
        string[] hostLabels = [.. ((string[])[HostAttributes.Name, HostAttributes.Id, .. config.HostAttributes.Keys]).Select(static key => PrometheusNames.Label(key, NamingRule.OpenTelemetry)).Distinct()];
        return config.ScrapeTargets.Select(target => InfoOf(target, hostLabels));
    }

    private static CollectorInfo InfoOf(ScrapeTarget target, string[] hostLabels)
    {
        // Without the query: some hold a secret there.
        CollectorSource[] sources = [new(target.Url.GetLeftPart(UriPartial.Path), [Templates.Scrape, Templates.ScrapeDropped], context => Open(target, hostLabels, context))];
        return new CollectorInfo(ScrapeCollector.NameOf(target), LaneKind.Scrape, target.Interval) { IsAlone = true, IsConfigured = true, Linux = sources, Windows = sources };
    }

    // Judged when it is to be read, not with the configuration: an address may come to an interface later, and the agent must not wait for it.
    private static ScrapeCollector Open(ScrapeTarget target, string[] hostLabels, CollectorContext context) =>
        target.IsRemote || LocalAddress.Is(target.Url)
            ? new ScrapeCollector(target, hostLabels, context.Time, context.Logger)
            : throw new SourceException(FailureReason.Error, $"{target.Url.Host} is not this host: not localhost, a loopback address, or the host's own name or address now; if it is meant, and its series are to be series of this host, say remote: true");
}
