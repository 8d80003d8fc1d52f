namespace Weir.Bench.Faults;

/// <summary>Kinds of <see cref="QueueFault"/>.</summary>
internal enum QueueFaultKind
{
    /// <summary>The agent is ended (SIGTERM) and started again.</summary>
    Restart,

    /// <summary>It is killed (SIGKILL) and started again.</summary>
    Kill,

    /// <summary>It is ended, a byte of what waits on disk is flipped, and it is started again.</summary>
    FlippedByte,

    /// <summary>It is ended, the files that say what of the queue is sent are deleted, and it is started again.</summary>
    DeletedMetadata,
}
