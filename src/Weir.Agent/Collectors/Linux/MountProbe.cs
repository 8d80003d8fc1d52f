namespace Weir.Agent.Collectors.Linux;

/// <summary>A mount and what was last asked of it. Guarded by its <see cref="MountReader"/>.</summary>
internal sealed class MountProbe(Mount mount)
{
    /// <summary>The mount; changed only while nothing is asked.</summary>
    public Mount Mount { get; set; } = mount;

    /// <summary>Its space; means nothing where <see cref="Failure"/> says why there is none.</summary>
    public FilesystemSpace Space { get; set; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    public FailureReason? Failure { get; set; }

    /// <summary>Whether a call has not returned: nothing more is asked until it does.</summary>
    public bool Hangs { get; set; }
}
