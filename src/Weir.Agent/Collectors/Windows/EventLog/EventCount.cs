namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>How many records of a level a provider wrote into a channel.</summary>
/// <param name="channel">Number of the channel.</param>
/// <param name="provider">Its name, or <c>other</c>.</param>
/// <param name="level">Name of the level.</param>
internal sealed class EventCount(int channel, string provider, string level)
{
    /// <summary>Number of the channel.</summary>
    public int Channel => channel;

    /// <summary>The provider's name, or <c>other</c>.</summary>
    public string Provider => provider;

    /// <summary>Name of the level.</summary>
    public string Level => level;

    /// <summary>The records; only grows.</summary>
    public long Records { get; set; }
}
