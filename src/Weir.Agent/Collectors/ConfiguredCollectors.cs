using Weir.Agent.Collectors.Scraping;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors;

/// <summary>The collectors that a configuration makes, each called <c>KIND:NAME</c>: one line for each kind, which makes its own.</summary>
internal static class ConfiguredCollectors
{
    /// <summary>They, in the order of the kinds and then of the file.</summary>
    public static IEnumerable<CollectorInfo> Of(AgentConfig config) =>
    [
        .. config.PdhObjects.Select(PdhConfigured.InfoOf),
        .. config.WmiClasses.Select(WmiClassCollector.InfoOf),
        .. ScrapePlan.Of(config),
    ];
}
