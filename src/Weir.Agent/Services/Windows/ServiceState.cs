namespace Weir.Agent.Services.Windows;

/// <summary>The states of a service, with the system's numbers.</summary>
internal enum ServiceState : uint
{
    /// <summary>It does not run.</summary>
    Stopped = 1,

    /// <summary>It has been started and is not ready yet.</summary>
    StartPending = 2,

    /// <summary>It has been told to stop and has not ended yet.</summary>
    StopPending = 3,

    /// <summary>It runs.</summary>
    Running = 4,

    /// <summary>It goes on soon.</summary>
    ContinuePending = 5,

    /// <summary>It pauses soon.</summary>
    PausePending = 6,

    /// <summary>It pauses.</summary>
    Paused = 7,
}
