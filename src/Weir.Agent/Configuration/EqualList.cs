using System.Collections;

namespace Weir.Agent.Configuration;

/// <summary>A list that equals another with the same items: with it records of a configuration are equal where they mean the same.</summary>
internal sealed class EqualList<T>(IReadOnlyList<T> items) : IReadOnlyList<T>
{
    /// <summary>The one without items.</summary>
    public static EqualList<T> Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => items.Count;

    /// <inheritdoc/>
    public T this[int index] => items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EqualList<T> other && this.SequenceEqual(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (T item in items) hash.Add(item);
        return hash.ToHashCode();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
