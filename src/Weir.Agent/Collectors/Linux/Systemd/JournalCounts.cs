using System.Text;
using Weir.Agent.Collectors.Children;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>Counts records of the journal by unit and priority, as they come out of journalctl.</summary>
/// <remarks>
/// The first <see cref="MaxUnits"/> units that log are counted apart, for as long as the agent runs, so that no counter ever runs backward; those that come later, and
/// those that the configuration excludes, are <see cref="OtherName"/>, and what has no unit is <see cref="NoUnitName"/>. A line longer than <see cref="MaxLineBytes"/> is passed over and counted as refused. Written
/// by the child's thread, read by the collector's, under a lock.
/// </remarks>
internal sealed class JournalCounts(NamePatterns names) : IChildSink
{
    /// <summary>Most units with series of their own.</summary>
    public const int MaxUnits = 50;

    /// <summary>Longest line: of the fields that are asked for a record takes some 300 bytes.</summary>
    public const int MaxLineBytes = 64 << 10;

    /// <summary>The name of the rest.</summary>
    public const string OtherName = "other";

    /// <summary>The name of what belongs to no unit.</summary>
    public const string NoUnitName = "none";

    /// <summary>Priorities by their number, as syslog calls them.</summary>
    public static readonly string[] Priorities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

    private const int MaxCursorBytes = 512;
    private const int MaxUnitBytes = 256;

    private readonly Lock _gate = new();
    private readonly byte[] _line = new byte[MaxLineBytes];
    private readonly byte[] _cursor = new byte[MaxCursorBytes];
    private readonly Dictionary<string, long[]> _byUnit = new(StringComparer.Ordinal);
    private readonly List<string> _units = [];
    private readonly List<long[]> _counts = [];
    private int _length;
    private int _cursorLength;
    private long _refused;
    private bool _isSkipping;

    /// <summary>Lines that were no records, or too long.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>The units so far; only ever grows.</summary>
    public string[] Units
    {
        get
        {
            lock (_gate) return [.. _units];
        }
    }

    /// <summary>How many units there are.</summary>
    public int UnitCount
    {
        get
        {
            lock (_gate) return _units.Count;
        }
    }

    /// <summary>Where the last record stands, to go on behind it; null before the first.</summary>
    public string? Cursor
    {
        get
        {
            lock (_gate) return _cursorLength == 0 ? null : Encoding.UTF8.GetString(_cursor, 0, _cursorLength);
        }
    }

    /// <summary>Writes the counts of the first units into columns: eight series for each.</summary>
    public void Write(Columns columns, int units)
    {
        lock (_gate)
        {
            for (int unit = 0; unit < units; unit++)
                for (int priority = 0; priority < Priorities.Length; priority++) columns.Set((unit * Priorities.Length) + priority, _counts[unit][priority]);
        }
    }

    /// <summary>The child was started anew: a line that it had begun has no end.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _length = 0;
            _isSkipping = false;
        }
    }

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
            {
                Append(bytes[..end]);
                Count();
                bytes = bytes[(end + 1)..];
            }

            Append(bytes);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _isSkipping |= bytes.Length > MaxLineBytes - _length;
        if (_isSkipping) return;
        bytes.CopyTo(_line.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Count()
    {
        ReadOnlySpan<byte> line = _line.AsSpan(0, _length);
        bool isWhole = !_isSkipping;
        _length = 0;
        _isSkipping = false;
        if (!isWhole || !JournalRecord.TryParse(line, out JournalRecord record))
        {
            Interlocked.Increment(ref _refused);
            return;
        }

        CountsOf(record.Unit)[record.Priority]++;
        if (record.Cursor.Length is 0 or > MaxCursorBytes) return;
        record.Cursor.CopyTo(_cursor);
        _cursorLength = record.Cursor.Length;
    }

    private long[] CountsOf(ReadOnlySpan<byte> unit)
    {
        Span<char> name = stackalloc char[MaxUnitBytes];
        if (unit.Length > MaxUnitBytes) return Of(OtherName);
        int length = Encoding.UTF8.GetChars(unit, name);
        if (length == 0) return Of(NoUnitName);
        if (_byUnit.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name[..length], out long[]? counts)) return counts;
        string text = ProcessNameText.Of(name[..length]);
        bool isWanted = names.Says(text) ?? names.Include.Count == 0;
        return Of(isWanted && (_byUnit.ContainsKey(text) || _units.Count < MaxUnits) ? text : OtherName);
    }

    private long[] Of(string name)
    {
        if (_byUnit.TryGetValue(name, out long[]? counts)) return counts;
        counts = new long[Priorities.Length];
        _byUnit.Add(name, counts);
        _units.Add(name);
        _counts.Add(counts);
        return counts;
    }
}
