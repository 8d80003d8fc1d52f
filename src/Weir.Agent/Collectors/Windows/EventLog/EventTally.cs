namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>Records counted by channel, provider and level since the agent started.</summary>
/// <remarks>
/// A channel has at most <see cref="MaxProviders"/> providers of its own: the first that were seen, not the most frequent ones, since a provider that moved into
/// <c>other</c> and back would make counters run backward. The rest count as <c>other</c>. Steady counting allocates nothing. Not thread-safe.
/// </remarks>
internal sealed class EventTally
{
    /// <summary>Most providers of a channel.</summary>
    public const int MaxProviders = 50;

    private const string Other = "other";
    private const string Unnamed = "unnamed";

    private readonly Dictionary<string, int[]>[] _providers;
    private readonly List<EventCount> _counts = [];

    /// <summary>Makes one.</summary>
    /// <param name="channels">The channels, by the number that <see cref="Add"/> takes.</param>
    public EventTally(IReadOnlyList<string> channels)
    {
        Channels = channels;
        _providers = [.. channels.Select(static _ => new Dictionary<string, int[]>(StringComparer.Ordinal))];
    }

    /// <summary>The channels.</summary>
    public IReadOnlyList<string> Channels { get; }

    /// <summary>What was counted, in the order of first sight; it only grows.</summary>
    public IReadOnlyList<EventCount> Counts => _counts;

    /// <summary>Counts a record.</summary>
    /// <param name="channel">Number of its channel.</param>
    /// <param name="provider">Who wrote it.</param>
    /// <param name="level">Its level as the system numbers them.</param>
    public void Add(int channel, ReadOnlySpan<char> provider, int level)
    {
        int[] places = PlacesOf(channel, provider, out string? fresh);
        int levelIndex = EventLevel.IndexOf(level);
        if (places[levelIndex] == 0)
        {
            _counts.Add(new EventCount(channel, fresh ?? NameOf(channel, places), EventLevel.NameOf(levelIndex)));
            places[levelIndex] = _counts.Count;
        }

        _counts[places[levelIndex] - 1].Records++;
    }

    // Where each level's count stands, from 1; 0: the level was not seen.
    private int[] PlacesOf(int channel, ReadOnlySpan<char> provider, out string? fresh)
    {
        fresh = null;
        Dictionary<string, int[]> known = _providers[channel];
        if (known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(provider, out int[]? places)) return places;
        bool isFull = known.Count - (known.ContainsKey(Other) ? 1 : 0) >= MaxProviders;
        fresh = isFull ? Other : AttributeText.Of(provider.ToString()) is { Length: > 0 } name ? name : Unnamed;
        if (known.TryGetValue(fresh, out places)) return places;
        places = new int[EventLevel.Count];
        known.Add(fresh, places);
        return places;
    }

    private string NameOf(int channel, int[] places) => _providers[channel].First(pair => ReferenceEquals(pair.Value, places)).Key;
}
