using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Windows;

/// <summary>Makes the catalog's collectors as the agent does.</summary>
internal static class Native
{
    /// <summary>A collector by name, with patterns.</summary>
    public static SourcedCollector Of(string name, NamePatterns? names = null) =>
        CollectorCatalog.All.Single(info => info.Name == name).TryCreate(CollectorContext.Default with { Config = new CollectorConfig { Names = names ?? NamePatterns.None } }, NullLogger.Instance)!;
}
