using System.Globalization;
using Weir.Bench.Replay;
using Weir.TestKit.Processes;

namespace Weir.Bench.Footprint;

/// <summary>Processes that sleep, to be measured.</summary>
internal sealed class IdleProcesses : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ChildProcess _shell;

    private IdleProcesses(ChildProcess shell) => _shell = shell;

    /// <summary>Starts them and waits until all are there.</summary>
    /// <param name="count">How many.</param>
    /// <param name="life">What they live at most: a benchmark that is killed cannot end them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<IdleProcesses> StartAsync(int count, TimeSpan life, CancellationToken cancellationToken)
    {
        // In a process group of their own, which ends with the shell.
        string script = string.Create(CultureInfo.InvariantCulture, $"trap 'trap - TERM; kill 0' TERM; i=0; while [ $i -lt {count} ]; do sleep {life.TotalSeconds:0} & i=$((i+1)); done; echo ready; wait");
        var all = new IdleProcesses(ChildProcess.Start("setsid", "/bin/sh", "-c", script));
        for (long begun = TimeProvider.System.GetTimestamp(); !all._shell.Output.Contains("ready", StringComparison.Ordinal);)
        {
            await Task.Delay(50, cancellationToken);
            if (!all._shell.HasExited && TimeProvider.System.GetElapsedTime(begun) < Patience) continue;
            await all.DisposeAsync();
            throw new ReplayFailedException($"{count} processes do not start:\n{all._shell.Output}");
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_shell.HasExited) await _shell.StopAsync(Patience);
        await _shell.DisposeAsync();
    }
}
