using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors;

/// <summary>What a collector is made with.</summary>
/// <param name="Roots">Where the kernel's files are.</param>
/// <param name="Time">The clock for whatever it waits or remembers.</param>
/// <param name="Config">What the configuration says of it.</param>
internal sealed record CollectorContext(LinuxRoots Roots, TimeProvider Time, CollectorConfig Config)
{
    /// <summary>Where a reader says what the collector's own messages do not. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>The defaults on this machine.</summary>
    public static CollectorContext Default { get; } = new(new LinuxRoots(), TimeProvider.System, new CollectorConfig());
}
