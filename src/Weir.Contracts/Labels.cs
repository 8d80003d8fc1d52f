using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Weir.Contracts;

/// <summary>One label of a series as Prometheus names it.</summary>
/// <param name="Name">Label name; <see cref="Labels.MetricName"/> holds the metric's name.</param>
/// <param name="Value">Label value, never empty: an empty value is the same as no label.</param>
public readonly record struct Label(string Name, string Value);

/// <summary>The identity of a series in queries: its labels, the metric name among them, sorted by name (ordinal).</summary>
/// <remarks>Immutable and safe to share between threads. Two instances with the same labels are equal.</remarks>
public sealed class Labels : IReadOnlyList<Label>, IEquatable<Labels>
{
    /// <summary>The label that holds the metric's name.</summary>
    public const string MetricName = "__name__";

    private readonly Label[] _labels;
    private readonly int _hash;

    private Labels(Label[] sorted)
    {
        _labels = sorted;
        var hash = new HashCode();
        foreach (Label label in sorted)
        {
            hash.Add(label.Name, StringComparer.Ordinal);
            hash.Add(label.Value, StringComparer.Ordinal);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>No labels at all: the identity of <c>sum(x)</c>.</summary>
    public static Labels Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    public Label this[int index] => _labels[index];

    /// <summary>The metric's name, or an empty string.</summary>
    public string Name => this[MetricName];

    /// <summary>The value of a label, or an empty string where the series does not have it.</summary>
    public string this[string name]
    {
        get
        {
            foreach (Label label in _labels)
                if (string.Equals(label.Name, name, StringComparison.Ordinal)) return label.Value;
            return "";
        }
    }

    /// <summary>Makes an identity from labels in any order; empty values are left out.</summary>
    /// <exception cref="ArgumentException">A label name stands twice.</exception>
    public static Labels From(IEnumerable<Label> labels)
    {
        Label[] sorted = [.. labels.Where(label => label.Value.Length > 0)];
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (int i = 1; i < sorted.Length; i++)
            if (string.Equals(sorted[i].Name, sorted[i - 1].Name, StringComparison.Ordinal))
                throw new ArgumentException($"label '{sorted[i].Name}' stands twice", nameof(labels));
        return sorted.Length == 0 ? Empty : new Labels(sorted);
    }

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Labels? other) =>
        other is not null && (ReferenceEquals(this, other) || (_hash == other._hash && _labels.AsSpan().SequenceEqual(other._labels)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary><c>name{label="value",...}</c> with sorted labels and Prometheus escapes.</summary>
    public override string ToString()
    {
        var text = new System.Text.StringBuilder(Name);
        int written = 0;
        foreach (Label label in _labels)
        {
            if (label.Name == MetricName) continue;
            text.Append(written++ == 0 ? '{' : ',').Append(label.Name).Append("=\"");
            foreach (char c in label.Value)
            {
                switch (c)
                {
                    case '\\': text.Append("\\\\"); break;
                    case '"': text.Append("\\\""); break;
                    case '\n': text.Append("\\n"); break;
                    default: text.Append(c); break;
                }
            }

            text.Append('"');
        }

        if (written > 0) text.Append('}');
        return text.Length == 0 ? "{}" : text.ToString();
    }

    /// <inheritdoc/>
    public IEnumerator<Label> GetEnumerator() => ((IEnumerable<Label>)_labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
