namespace Weir.Contracts;

/// <summary>Whom a directive has been handed to.</summary>
public enum DirectiveReach
{
    /// <summary>Nobody: neither the agent nor an heir of its id is connected here.</summary>
    None,

    /// <summary>An heir: an agent that has had the id before. It may hold entries of that time, and knows nothing of what the agent did since.</summary>
    Heir,

    /// <summary>The agent itself.</summary>
    Agent,
}
