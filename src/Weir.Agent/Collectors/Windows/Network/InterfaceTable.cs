using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The interfaces of GetIfTable2 in its order, compared by LUID and alias: a tick on which nothing changed allocates nothing.</summary>
/// <remarks>
/// One pass: <see cref="Begin"/>, <see cref="Next"/> for each row, <see cref="End"/>. When End says that something changed, the columns of the pass are
/// void: <see cref="Clear"/>, <see cref="Learn"/> for each row, and another pass. Of two interfaces with one alias the first is reported.
/// </remarks>
internal sealed class InterfaceTable(NamePatterns names)
{
    private const uint SoftwareLoopback = 24;
    private const uint Tunnel = 131;
    private const byte Hardware = 0x01;
    private const byte Filter = 0x02;
    private const uint Up = 1;

    private readonly List<Known> _known = [];
    private readonly List<string> _reported = [];
    private int _at;
    private bool _changed;

    /// <summary>The aliases of the interfaces that are reported.</summary>
    public IReadOnlyList<string> Reported => _reported;

    /// <summary>Begins a pass.</summary>
    public void Begin()
    {
        _at = 0;
        _changed = false;
    }

    /// <summary>The next row of the table: its index among the reported ones, or -1 where it is not reported.</summary>
    public int Next(in NativeMethods.InterfaceRow row)
    {
        if (_at == _known.Count || row.Luid != _known[_at].Luid || !row.Name.SequenceEqual(_known[_at].Alias))
        {
            _changed = true;
            return -1;
        }

        Known known = _known[_at++];
        _changed |= known.Waits && Counts(row);
        return known.Index;
    }

    /// <summary>Ends a pass; true where the interfaces are those of the last one.</summary>
    public bool End() => !_changed && _at == _known.Count;

    /// <summary>Forgets all interfaces.</summary>
    public void Clear()
    {
        _known.Clear();
        _reported.Clear();
    }

    /// <summary>Takes an interface in.</summary>
    public void Learn(in NativeMethods.InterfaceRow row)
    {
        string alias = row.Name.ToString();
        bool wanted = alias.Length > 0 && !_reported.Contains(alias) && (names.Says(alias) ?? IsReal(row));
        bool reported = wanted && Counts(row);
        _known.Add(new Known(row.Luid, alias, reported ? _reported.Count : -1, wanted && !reported));
        if (reported) _reported.Add(alias);
    }

    // Windows lists each filter driver's view of an interface as one more, and the tunnels whose packets the interface below counts again.
    private static bool IsReal(in NativeMethods.InterfaceRow row) => row.Type is not (SoftwareLoopback or Tunnel) && (row.Flags & Filter) == 0;

    // Miniports that only wait for somebody to dial have counted nothing; one that is no hardware and not up is a leftover.
    private static bool Counts(in NativeMethods.InterfaceRow row) =>
        row.InOctets + row.OutOctets > 0 && ((row.Flags & Hardware) != 0 || row.OperStatus == Up);

    private readonly record struct Known(ulong Luid, string Alias, int Index, bool Waits);
}
