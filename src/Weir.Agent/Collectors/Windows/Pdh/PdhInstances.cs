namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>The instances of an object in its own order, compared character by character: a tick on which none came or went allocates nothing.</summary>
/// <remarks>
/// A total (<c>_Total</c>, <c>0,_Total</c>) is left out: it is a query's business. Where an instance name occurs several times, the second is called <c>name#1</c>, the
/// third <c>name#2</c>, in the order in which the object names them, as Windows' own tools do; such a name is a place, not an identity. Beyond the limit the first by
/// name are kept.
/// </remarks>
/// <param name="use">Whether an instance is reported.</param>
/// <param name="most">Most that are.</param>
internal sealed class PdhInstances(Func<string, bool> use, int most)
{
    private const string Total = "_Total";

    private readonly List<Instance> _instances = [];
    private string[] _reported = [];
    private int _at;
    private bool _changed;

    /// <summary>The unique names of those that are reported, in their order.</summary>
    public IReadOnlyList<string> Reported => _reported;

    /// <summary>How many would be reported but for the limit.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Begins a pass that compares.</summary>
    public void Begin()
    {
        _at = 0;
        _changed = false;
    }

    /// <summary>Compares the next instance of the object.</summary>
    public void Next(ReadOnlySpan<char> name) => _changed |= _at == _instances.Count || !name.SequenceEqual(_instances[_at++].Name);

    /// <summary>Ends the pass; true where the instances are those of the last one.</summary>
    public bool End() => !_changed && _at == _instances.Count;

    /// <summary>Begins a pass that only finds: another counter of the same object may lack instances.</summary>
    public void Rewind() => _at = 0;

    /// <summary>The index of an instance among the reported ones, or -1: the next of that name.</summary>
    public int Find(ReadOnlySpan<char> name)
    {
        for (int step = 0; step < _instances.Count; step++)
        {
            int at = (_at + step) % _instances.Count;
            if (!name.SequenceEqual(_instances[at].Name)) continue;
            _at = at + 1;
            return _instances[at].Index;
        }

        return -1;
    }

    /// <summary>Takes the instances anew.</summary>
    public void Learn(IReadOnlyList<string> names)
    {
        _instances.Clear();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var taken = new HashSet<string>(names, StringComparer.Ordinal);
        var wanted = new List<string>();
        foreach (string name in names)
        {
            string unique = name;
            if (seen.TryGetValue(name, out int times))
            {
                // An instance may really be called name#1.
                do unique = $"{name}#{times++}";
                while (!taken.Add(unique));
            }

            seen[name] = Math.Max(1, times);
            _instances.Add(new Instance(name, unique, -1));
            if (!IsTotal(name) && use(unique)) wanted.Add(unique);
        }

        LeftOut = Math.Max(0, wanted.Count - most);
        HashSet<string> kept = LeftOut == 0 ? [.. wanted] : [.. wanted.Order(StringComparer.Ordinal).Take(most)];
        int index = 0;
        for (int i = 0; i < _instances.Count; i++)
            if (kept.Contains(_instances[i].Unique)) _instances[i] = _instances[i] with { Index = index++ };
        _reported = [.. _instances.Where(static instance => instance.Index >= 0).Select(static instance => instance.Unique)];
    }

    private static bool IsTotal(string name) => name.Equals(Total, StringComparison.OrdinalIgnoreCase) || name.EndsWith("," + Total, StringComparison.OrdinalIgnoreCase);

    private readonly record struct Instance(string Name, string Unique, int Index);
}
