namespace Weir.Stores.FrameStore.Parts;

/// <summary>Holds equal lists of schema indexes once: most hosts of a part have the same.</summary>
internal sealed class SchemaSets
{
    private readonly List<int[]> _sets = [];
    private readonly Dictionary<string, int> _indexes = [];

    /// <summary>The index of a list.</summary>
    public int IndexOf(int[] schemas)
    {
        string key = string.Join(',', schemas);
        if (_indexes.TryGetValue(key, out int index)) return index;
        _sets.Add(schemas);
        return _indexes[key] = _sets.Count - 1;
    }

    /// <summary>The lists, by index.</summary>
    public int[][] ToArray() => [.. _sets];
}
