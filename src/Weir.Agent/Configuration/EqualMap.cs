using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Weir.Agent.Configuration;

/// <summary>What <see cref="EqualList{T}"/> is for lists, for values by name, in whatever order.</summary>
internal sealed class EqualMap<T>(IReadOnlyDictionary<string, T> items) : IReadOnlyDictionary<string, T>
{
    /// <summary>The one without items.</summary>
    public static EqualMap<T> Empty { get; } = new(new Dictionary<string, T>());

    /// <inheritdoc/>
    public IEnumerable<string> Keys => items.Keys;

    /// <inheritdoc/>
    public IEnumerable<T> Values => items.Values;

    /// <inheritdoc/>
    public int Count => items.Count;

    /// <inheritdoc/>
    public T this[string key] => items[key];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => items.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => items.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => items.GetEnumerator();

    /// <inheritdoc/>
    public override bool Equals(object? obj) =>
        obj is EqualMap<T> other && Count == other.Count && items.All(pair => other.TryGetValue(pair.Key, out T? value) && EqualityComparer<T>.Default.Equals(pair.Value, value));

    /// <inheritdoc/>
    public override int GetHashCode() => items.Aggregate(0, static (hash, pair) => hash ^ HashCode.Combine(pair.Key, pair.Value));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
