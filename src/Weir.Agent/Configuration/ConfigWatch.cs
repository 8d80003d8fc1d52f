using System.Globalization;

namespace Weir.Agent.Configuration;

/// <summary>Looks whether a configuration file has changed, and hands over what it says. One that is wrong is named in the log, and the one before it stays.</summary>
/// <remarks>Looks every <see cref="Interval"/> at size and time of the file; a change counts once two looks saw the same, so that a file is not read while it is written. Other writers than this process need not do anything.</remarks>
/// <param name="path">The file.</param>
/// <param name="current">What it says now, command line included.</param>
/// <param name="load">Reads it, command line included; null where it is wrong, with the reasons written a line each.</param>
/// <param name="apply">Takes a good one.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where changes are named.</param>
internal sealed class ConfigWatch(string path, AgentConfig current, Func<TextWriter, AgentConfig?> load, Action<AgentConfig> apply, TimeProvider time, ILogger logger)
{
    /// <summary>Distance of two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private const int MaxLines = 20;

    private (DateTime Written, long Length) _taken = Stamp(path);
    private (DateTime Written, long Length) _seen = Stamp(path);
    private AgentConfig _current = current;
    private bool _isGone;

    /// <summary>Looks until cancelled. Does not fail.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) Look();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>Looks once.</summary>
    public void Look()
    {
        (DateTime Written, long Length) now = Stamp(path);
        bool isSettled = now == _seen;
        _seen = now;
        if (!isSettled) return;
        bool wasGone = _isGone;
        _isGone = now.Length < 0;
        if (_isGone && !wasGone) CollectionLog.ConfigGone(logger, path);
        if (_isGone || now == _taken) return;
        _taken = now;
        using var problems = new StringWriter(CultureInfo.InvariantCulture);
        if (load(problems) is { } config)
        {
            // A token is used at a start, and no two are equal.
            if (config with { JoinToken = _current.JoinToken } == _current)
            {
                CollectionLog.ConfigSame(logger, path);
                return;
            }

            CollectionLog.ConfigTaken(logger, path);
            _current = config;
            apply(config);
            return;
        }

        foreach (string line in problems.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MaxLines)) CollectionLog.ConfigRefused(logger, line);
    }

    // A file that is not there at one look, as while it is replaced, has not changed.
    private static (DateTime Written, long Length) Stamp(string path)
    {
        try
        {
            // Of the file itself where the path is a link: a link keeps its own time.
            var file = new FileInfo(path);
            if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : (default, -1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (default, -1);
        }
    }
}
