using Weir.Agent.Collectors.Children;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>Records of the systemd journal by unit and priority, since the agent began to count.</summary>
/// <remarks>
/// A tick copies what a <see cref="JournalFollower"/> has counted, and waits for nothing; ticks in which its program does not run fail with its error. Off by default: the
/// program takes a few MB of memory, and CPU with each record.
/// </remarks>
internal sealed class JournalCollector : ICollector
{
    private readonly JournalFollower _follower;
    private int _units;
    private bool _isDisposed;

    /// <summary>Reads the journal.</summary>
    /// <param name="context">Which units are wanted.</param>
    /// <param name="journalctl">The program.</param>
    public JournalCollector(CollectorContext context, string journalctl = "journalctl")
    {
        JournalFollower Make() => new(context, journalctl);
        _follower = context.Shared?.Journal(context.Config, Make) ?? Make();
        _follower.Join();
    }

    /// <inheritdoc/>
    public string Name => "journal";

    /// <summary>What runs; null between two.</summary>
    internal ChildProgram? Child => _follower.Child;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        _follower.Watch();
        if (_follower.Counts.UnitCount != _units) Shape(columns);
        _follower.Counts.Write(columns, _units);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isDisposed) _follower.Leave();
        _isDisposed = true;
    }

    private void Shape(Columns columns)
    {
        string[] units = _follower.Counts.Units;
        _units = units.Length;
        columns.Shape([new SchemaPart(Templates.JournalRecords, [.. units.SelectMany(static unit => JournalCounts.Priorities.Select(priority => (string[])[unit, priority]))])]);
    }
}
