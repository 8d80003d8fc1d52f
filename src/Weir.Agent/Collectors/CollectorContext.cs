using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors;

/// <summary>What a collector is made with.</summary>
/// <param name="Roots">Where the kernel's files are.</param>
/// <param name="Time">The clock for whatever it waits or remembers.</param>
/// <param name="Config">What the configuration says of it.</param>
internal sealed record CollectorContext(LinuxRoots Roots, TimeProvider Time, CollectorConfig Config)
{
    /// <summary>Where it says what an operator should know.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>What it shares with the agent's other collectors; null: it shares nothing.</summary>
    public CollectorShared? Shared { get; init; }

    /// <summary>The defaults on this machine.</summary>
    public static CollectorContext Default { get; } = new(new LinuxRoots(), TimeProvider.System, new CollectorConfig());
}
