using Weir.Agent.Collectors.Linux.Processes;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors;

/// <summary>What the collectors of one agent share, in whatever plan they stand.</summary>
/// <remarks>
/// A collector that sums what it saw (processes by name, records of the journal) would begin at zero in another reader, as a changed configuration makes one.
/// Made with the agent, and kept for its life, or until the configuration of the collector is another one. Thread-safe.
/// </remarks>
/// <param name="roots">Where the kernel's files are.</param>
/// <param name="time">The collectors' clock.</param>
internal sealed class CollectorShared(LinuxRoots roots, TimeProvider time)
{
    private readonly Lock _gate = new();
    private (CollectorConfig Config, ProcessTable Table)? _processes;
    private (CollectorConfig Config, JournalFollower Follower)? _journal;

    /// <summary>The pass over /proc that the collectors of processes share.</summary>
    public ProcessWalk ProcessWalk { get; } = new(roots, time);

    /// <summary>The sums of processes, as the first who asked under a configuration made them. Another configuration begins anew.</summary>
    public ProcessTable Processes(CollectorConfig config, Func<ProcessTable> make)
    {
        lock (_gate)
        {
            if (_processes is not { } kept || !IsSame(kept.Config, config)) _processes = kept = (config, make());
            return kept.Table;
        }
    }

    /// <summary>The reader of the journal, as the first who asked under a configuration made it. Another configuration begins anew.</summary>
    public JournalFollower Journal(CollectorConfig config, Func<JournalFollower> make)
    {
        lock (_gate)
        {
            if (_journal is not { } kept || !IsSame(kept.Config, config)) _journal = kept = (config, make());
            return kept.Follower;
        }
    }

    private static bool IsSame(CollectorConfig one, CollectorConfig other) =>
        one.Top == other.Top && one.Names == other.Names;
}
