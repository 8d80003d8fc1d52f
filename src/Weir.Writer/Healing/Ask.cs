namespace Weir.Writer.Healing;

/// <summary>How far the healing of one epoch has come. Times are the clock's timestamps.</summary>
internal sealed class Ask
{
    /// <summary>Entries missing when it was looked at last.</summary>
    public ulong Missing { get; set; }

    /// <summary>When entries came last, or it was begun.</summary>
    public long ChangedAt { get; set; }

    /// <summary>When the agent may be asked next.</summary>
    public long Due { get; set; }

    /// <summary>Attempts since entries came last, whether the agent was connected or not.</summary>
    public int Attempts { get; set; }

    /// <summary>Directives that reached the agent itself since.</summary>
    public int Sent { get; set; }

    /// <summary>Whether a directive has reached anybody.</summary>
    public bool IsAsked { get; set; }

    /// <summary>The pass that saw it last.</summary>
    public long Pass { get; set; }
}
