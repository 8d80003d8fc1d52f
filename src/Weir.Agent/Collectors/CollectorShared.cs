using Weir.Agent.Collectors.Linux.Processes;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors;

/// <summary>What the collectors of one agent share, in whatever plan they stand.</summary>
/// <remarks>
/// A collector that sums what it saw (processes by name, records of the journal) would begin at zero in a second reader of its own, as an order to collect makes one:
/// the same series would then jump between two counts. Made with the agent, and kept for its life. Thread-safe.
/// </remarks>
/// <param name="roots">Where the kernel's files are.</param>
/// <param name="time">The collectors' clock.</param>
internal sealed class CollectorShared(LinuxRoots roots, TimeProvider time)
{
    private readonly Lock _gate = new();
    private ProcessTable? _processes;
    private JournalFollower? _journal;

    /// <summary>The pass over /proc that the collectors of processes share.</summary>
    public ProcessWalk ProcessWalk { get; } = new(roots, time);

    /// <summary>The sums of processes, as the first who asked made them.</summary>
    public ProcessTable Processes(Func<ProcessTable> make)
    {
        lock (_gate) return _processes ??= make();
    }

    /// <summary>The reader of the journal, as the first who asked made it.</summary>
    public JournalFollower Journal(Func<JournalFollower> make)
    {
        lock (_gate) return _journal ??= make();
    }
}
