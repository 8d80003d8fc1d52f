namespace Weir.Contracts;

/// <summary>What reads had to leave out because it could not be read. Safe for concurrent use.</summary>
public sealed class ReadGaps
{
    // Beyond it gaps are no longer told apart: a store that is damaged to that degree is told so.
    private const int MaxNamed = 10_000;

    private readonly HashSet<string> _gaps = [];
    private string? _first;

    /// <summary>Whether nothing was left out.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_gaps) return _gaps.Count == 0;
        }
    }

    /// <summary>Names something that was left out; a second read that meets it does not count again.</summary>
    /// <param name="what">Its kind and place, as in <c>part 7 of partition 1</c>.</param>
    public void Add(string what)
    {
        lock (_gaps)
        {
            _first ??= what;
            if (_gaps.Count < MaxNamed) _gaps.Add(what);
        }
    }

    /// <summary>A sentence about all of it; null where nothing was left out.</summary>
    public override string? ToString()
    {
        lock (_gaps)
        {
            return _gaps.Count switch
            {
                0 => null,
                1 => $"the answer lacks samples: {_first} cannot be read; 'weir store verify' names all damage",
                int count => FormattableString.Invariant(
                    $"the answer lacks samples: {count}{(count == MaxNamed ? " or more" : "")} frames, blocks or parts cannot be read, among them {_first}; 'weir store verify' names all damage"),
            };
        }
    }
}
