using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>Runs this process as the service that the service control manager started.</summary>
/// <remarks>
/// One service a process, once: the manager calls static functions, on threads of its own. <see cref="Run"/> blocks its caller until the service has stopped. Stop,
/// shutdown and preshutdown cancel the body; one that has not ended within <see cref="StopLimit"/> is given up, and what it had not made durable is lost as in a crash.
/// </remarks>
[SupportedOSPlatform("windows")]
internal static class ServiceProcess
{
    /// <summary>How long the body may take to end: 20 s, as a console's agent has.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private const int NotStartedByManager = 1063;
    private const uint Ok = 0;
    private const uint NotImplemented = 120;
    private const uint ControlStop = 0x1;
    private const uint ControlInterrogate = 0x4;
    private const uint ControlShutdown = 0x5;
    private const uint ControlPreshutdown = 0xF;

    private static readonly CancellationTokenSource Stop = new();
    private static readonly TaskCompletionSource GivenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private static Func<Action, CancellationToken, Task<int>>? _body;
    private static ServiceStatusReporter? _reporter;
    private static ITimer? _limit;
    private static int _exitCode = Commands.ExitCodes.Failed;

    /// <summary>Runs a body as the service.</summary>
    /// <param name="body">Given what to call once it is ready, and what cancels it; returns the exit code and handles its own errors.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="ServiceException">The process was not started by the service control manager.</exception>
    public static unsafe int Run(Func<Action, CancellationToken, Task<int>> body)
    {
        _body = body;
        fixed (char* name = ServiceSettings.Name)
        {
            ServiceNativeMethods.ServiceTableEntry* table = stackalloc ServiceNativeMethods.ServiceTableEntry[2];
            table[0] = new() { Name = name, Main = &Begin };
            table[1] = default;
            if (ServiceNativeMethods.StartServiceCtrlDispatcherW(table)) return _exitCode;
            int code = Marshal.GetLastPInvokeError();
            throw code == NotStartedByManager
                ? new ServiceException("run --service", code, "only the service control manager starts it so: 'weir-agent service start', or 'weir-agent run' in a console")
                : ServiceHandle.Refusal("connect to the service control manager", code);
        }
    }

    // Nothing may be thrown into the manager's frames: the process would end without a word.
    [UnmanagedCallersOnly]
    private static unsafe void Begin(uint argumentCount, char** arguments)
    {
        nint handle = ServiceNativeMethods.RegisterServiceCtrlHandlerExW(ServiceSettings.Name, &OnControl, null);
        if (handle == 0) return;
        using var reporter = new ServiceStatusReporter(handle, TimeProvider.System);
        Volatile.Write(ref _reporter, reporter);
        _exitCode = RunBodyAsync(reporter).GetAwaiter().GetResult();
        reporter.Stopped(_exitCode);
    }

    private static async Task<int> RunBodyAsync(ServiceStatusReporter reporter)
    {
        Task<int> running = Task.Run(() => _body!(reporter.Running, Stop.Token));
        await Task.WhenAny(running, GivenUp.Task).ConfigureAwait(false);
        // Told to stop and given up is still stopped: an exit code would have the manager start it again.
        return running.IsCompletedSuccessfully ? await running.ConfigureAwait(false) : Stop.IsCancellationRequested ? Commands.ExitCodes.Ok : Commands.ExitCodes.Failed;
    }

    [UnmanagedCallersOnly]
    private static unsafe uint OnControl(uint control, uint eventType, void* eventData, void* context)
    {
        if (control == ControlInterrogate) return Ok;
        if (control is not (ControlStop or ControlShutdown or ControlPreshutdown)) return NotImplemented;
        Volatile.Read(ref _reporter)?.Stopping();
        _limit ??= TimeProvider.System.CreateTimer(static _ => GivenUp.TrySetResult(), null, StopLimit, Timeout.InfiniteTimeSpan);
        // Not here: who is cancelled runs first, and the manager waits for this answer.
        _ = Stop.CancelAsync();
        return Ok;
    }
}
