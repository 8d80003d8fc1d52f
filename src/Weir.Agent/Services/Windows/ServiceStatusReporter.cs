using System.Runtime.Versioning;

namespace Weir.Agent.Services.Windows;

/// <summary>Tells the service control manager how this process stands.</summary>
/// <remarks>
/// While a start or stop lasts, a growing checkpoint says each second that it goes on, for ten minutes at most: then the manager may call the service hung.
/// Any thread; the state only goes forward, so that a late report of a start cannot undo a stop.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed unsafe class ServiceStatusReporter : IDisposable
{
    private const uint AcceptStop = 0x1;
    private const uint AcceptShutdown = 0x4;
    private const uint AcceptPreshutdown = 0x100;
    private const uint OwnExitCode = 1066;
    private const uint MaxCheckPoints = 600;
    private const uint WaitHintMs = 5_000;
    private static readonly TimeSpan CheckPointInterval = TimeSpan.FromSeconds(1);

    private readonly nint _handle;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private ServiceState _state = ServiceState.StartPending;
    private uint _checkPoint;

    /// <summary>Reports that the service is starting.</summary>
    public ServiceStatusReporter(nint handle, TimeProvider time)
    {
        _handle = handle;
        _timer = time.CreateTimer(_ => Again(), null, TimeSpan.Zero, CheckPointInterval);
    }

    /// <summary>It is ready.</summary>
    public void Running() => Move(ServiceState.StartPending, ServiceState.Running);

    /// <summary>It has been told to stop.</summary>
    public void Stopping()
    {
        Move(ServiceState.StartPending, ServiceState.StopPending);
        Move(ServiceState.Running, ServiceState.StopPending);
    }

    /// <summary>It has ended. Nothing may be reported after that.</summary>
    /// <param name="exitCode">One of <see cref="Commands.ExitCodes"/>; other than 0 counts as a failure.</param>
    public void Stopped(int exitCode)
    {
        lock (_lock)
        {
            if (_state == ServiceState.Stopped) return;
            _state = ServiceState.Stopped;
            Send(exitCode);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Move(ServiceState from, ServiceState to)
    {
        lock (_lock)
        {
            if (_state != from) return;
            _state = to;
            _checkPoint = 0;
            Send(0);
        }
    }

    private void Again()
    {
        lock (_lock)
        {
            if (_state is not (ServiceState.StartPending or ServiceState.StopPending) || _checkPoint == MaxCheckPoints) return;
            _checkPoint++;
            Send(0);
        }
    }

    private void Send(int exitCode)
    {
        bool isPending = _state is ServiceState.StartPending or ServiceState.StopPending;
        var status = new ServiceNativeMethods.ServiceStatus
        {
            Type = ServiceNativeMethods.OwnProcess,
            State = (uint)_state,
            Accepted = _state == ServiceState.Running ? AcceptStop | AcceptShutdown | AcceptPreshutdown : 0,
            ExitCode = exitCode == 0 ? 0 : OwnExitCode,
            OwnExitCode = (uint)exitCode,
            CheckPoint = isPending ? _checkPoint : 0,
            WaitHintMs = isPending ? WaitHintMs : 0,
        };
        _ = ServiceNativeMethods.SetServiceStatus(_handle, &status);
    }
}
