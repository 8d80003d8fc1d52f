using Weir.Agent.Collectors.Children;
using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>Records of the systemd journal by unit and priority, since the agent began to count.</summary>
/// <remarks>
/// A <c>journalctl --follow</c> is kept running beside the agent; a tick copies what it has counted, and waits for nothing. Should it end it is started again after a
/// second, then after twice as long each time up to five minutes, behind the last record that was seen: none is lost and none counts twice, as far as the journal still has them. The ticks in
/// which it does not run fail with its error. Without the right to read the journal journalctl tells so, and shows the user's own records at most: that is a failure for
/// want of the right. Off by default: the program takes a few MB of memory, and CPU with each record.
/// </remarks>
/// <param name="context">Which units are wanted.</param>
/// <param name="journalctl">The program.</param>
internal sealed class JournalCollector(CollectorContext context, string journalctl = "journalctl") : ICollector
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // One that ran this long was well: the next pause is the first.
    private static readonly TimeSpan Well = TimeSpan.FromMinutes(1);

    private readonly JournalCounts _counts = new(context.Config.Names);
    private ChildProgram? _child;
    private long _startedAt;
    private long _endedAt;
    private TimeSpan _pause;
    private Exception? _error;
    private int _units;
    private bool _saidRefused;

    /// <inheritdoc/>
    public string Name => "journal";

    /// <summary>What runs; null between two.</summary>
    internal ChildProgram? Child => _child;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        Watch();
        if (_child is null) throw _error ?? new IOException($"{journalctl} does not run");
        if (IsDenied(_child.Errors)) throw new UnauthorizedAccessException($"{journalctl}: {_child.Errors}");
        if (_counts.UnitCount != _units) Shape(columns);
        _counts.Write(columns, _units);
        if (_counts.Refused == 0 || _saidRefused) return;
        _saidRefused = true;
        ProcessLog.LinesRefused(context.Logger, journalctl, _counts.Refused, JournalCounts.MaxLineBytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _child?.Dispose();
        _child = null;
    }

    private void Watch()
    {
        if (_child is { HasEnded: true }) Ended();
        if (_child is not null || (_error is not null && context.Time.GetElapsedTime(_endedAt) < _pause)) return;
        if (_error is IOException error and not FileNotFoundException) ProcessLog.ChildRestarted(context.Logger, journalctl, error.Message);
        _startedAt = context.Time.GetTimestamp();
        try
        {
            _counts.Begin();
            string[] from = _counts.Cursor is { } cursor ? [$"--after-cursor={cursor}"] : ["--lines=0"];
            _child = ChildProgram.Start(journalctl, ["--follow", "--no-pager", "--output=json", "--output-fields=PRIORITY,_SYSTEMD_UNIT,_TRANSPORT", .. from], _counts);
            _error = null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Failed(failure);
        }
    }

    private void Ended()
    {
        ChildProgram child = _child!;
        string said = child.Errors is { Length: > 0 } errors ? errors : $"exit code {child.ExitCode}";
        child.Dispose();
        _child = null;
        if (context.Time.GetElapsedTime(_startedAt) >= Well) _pause = TimeSpan.Zero;
        Failed(IsDenied(said) ? new UnauthorizedAccessException($"{journalctl}: {said}") : new IOException($"{journalctl} ended: {said}"));
    }

    private void Failed(Exception error)
    {
        _error = error;
        _endedAt = context.Time.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    // What journalctl says where only some of the journal, or none, is open to the user.
    private static bool IsDenied(string errors) =>
        errors.Contains("insufficient permissions", StringComparison.OrdinalIgnoreCase) || errors.Contains("not seeing messages", StringComparison.OrdinalIgnoreCase)
        || errors.Contains("Permission denied", StringComparison.OrdinalIgnoreCase);

    private void Shape(Columns columns)
    {
        string[] units = _counts.Units;
        _units = units.Length;
        columns.Shape([new SchemaPart(Templates.JournalRecords, [.. units.SelectMany(static unit => JournalCounts.Priorities.Select(priority => (string[])[unit, priority]))])]);
    }
}
