namespace Weir.Agent.Collectors.Filesystems;

/// <summary>A mount and what was last asked of it. Guarded by its <see cref="MountReader{TMount, TAnswer}"/>.</summary>
internal sealed class MountProbe<TMount, TAnswer>(TMount mount)
    where TMount : class
    where TAnswer : struct
{
    /// <summary>The mount; changed only while nothing is asked.</summary>
    public TMount Mount { get; set; } = mount;

    /// <summary>Its last answer; where <see cref="Failure"/> says why there is none, that of an earlier tick or what the asker left.</summary>
    public TAnswer Answer { get; set; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    public FailureReason? Failure { get; set; }

    /// <summary>Whether a call has not returned: nothing more is asked until it does.</summary>
    public bool Hangs { get; set; }
}
