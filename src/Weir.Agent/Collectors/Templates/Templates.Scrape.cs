namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    public static Template Scrape { get; } = Of(["weir.scrape.target"], Gauge("weir.scrape.duration", "s"), Gauge("weir.scrape.series", "{series}"), Gauge("weir.scrape.up", ""));

    public static Template ScrapeDropped { get; } = Of(["weir.scrape.target", "weir.scrape.reason"], Counter("weir.scrape.dropped", "{sample}"));
}
