namespace Weir.Agent.Identity;

/// <summary>Why an agent's data directory cannot be used.</summary>
public enum AgentDataError
{
    /// <summary>It cannot be made, read or written: rights, a read-only or failing disk, a file in its place.</summary>
    NotWritable,

    /// <summary>No room on the disk.</summary>
    DiskFull,

    /// <summary>Another process has it open.</summary>
    InUse,

    /// <summary>A newer program wrote it.</summary>
    NewerFormat,

    /// <summary>It holds something else.</summary>
    Foreign,

    /// <summary>A file that cannot be done without is damaged.</summary>
    Damaged,
}
