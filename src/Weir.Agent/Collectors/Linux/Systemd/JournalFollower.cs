using Weir.Agent.Collectors.Children;
using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>Keeps a <c>journalctl --follow</c> running that counts the records of the journal, while somebody wants them.</summary>
/// <remarks>
/// Should it end it is started again after a second, then after twice as long each time up to five minutes, behind the last record that was seen: none is lost and
/// none counts twice, as far as the journal still has them. Without the right to read the journal journalctl tells so, and shows the user's own records at most: that is a
/// failure for want of the right. Thread-safe.
/// </remarks>
internal sealed class JournalFollower(CollectorContext context, string journalctl)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // One that ran this long was well: the next pause is the first.
    private static readonly TimeSpan Well = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private ChildProgram? _child;
    private long _startedAt;
    private long _endedAt;
    private TimeSpan _pause;
    private Exception? _error;
    private int _users;
    private bool _saidRefused;

    /// <summary>The counts.</summary>
    public JournalCounts Counts { get; } = new(context.Config.Names);

    /// <summary>What runs; null between two.</summary>
    internal ChildProgram? Child => _child;

    /// <summary>Somebody wants the counts.</summary>
    public void Join()
    {
        lock (_gate) _users++;
    }

    /// <summary>Somebody wants them no longer; with the last the program is killed.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_users > 0) return;
            _child?.Dispose();
            _child = null;
        }
    }

    /// <summary>Sees to it that the program runs. Waits for nothing.</summary>
    /// <exception cref="IOException">It does not run, and why.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not read all of the journal.</exception>
    public void Watch()
    {
        lock (_gate)
        {
            Follow();
            if (_child is null) throw _error ?? new IOException($"{journalctl} does not run");
            if (IsDenied(_child.Errors)) throw new UnauthorizedAccessException($"{journalctl}: {_child.Errors}");
            if (Counts.Refused == 0 || _saidRefused) return;
            _saidRefused = true;
        }

        ProcessLog.LinesRefused(context.Logger, journalctl, Counts.Refused, JournalCounts.MaxLineBytes);
    }

    private void Follow()
    {
        if (_child is { HasEnded: true }) Ended();
        if (_child is not null || (_error is not null && context.Time.GetElapsedTime(_endedAt) < _pause)) return;
        if (_error is IOException error and not FileNotFoundException) ProcessLog.ChildRestarted(context.Logger, journalctl, error.Message);
        _startedAt = context.Time.GetTimestamp();
        try
        {
            Counts.Begin();
            string[] from = Counts.Cursor is { } cursor ? [$"--after-cursor={cursor}"] : ["--lines=0"];
            _child = ChildProgram.Start(journalctl, ["--follow", "--no-pager", "--output=json", "--output-fields=PRIORITY,_SYSTEMD_UNIT,_TRANSPORT", .. from], Counts);
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

    /// <summary>Whether journalctl says that only some of the journal, or none, is open to the user.</summary>
    internal static bool IsDenied(string errors) =>
        errors.Contains("insufficient permissions", StringComparison.OrdinalIgnoreCase) || errors.Contains("not seeing messages", StringComparison.OrdinalIgnoreCase)
        || errors.Contains("Permission denied", StringComparison.OrdinalIgnoreCase);
}
