namespace Weir.Scenarios.Oracle;

/// <summary>What a run does to its processes, their files and their network. Names appear in reports.</summary>
internal enum FaultKind
{
    KillAgent,
    KillAgentAtPoint,
    PauseAgent,
    KillServer,
    KillServerAtPoint,
    PauseServer,
    AgentDiskFull,
    ServerDiskFull,
    AgentDiskError,
    SlowDisk,
    ClockStep,
    SpoolBitFlip,
    SpoolTruncated,
    AcksGone,
    AcksRestored,
    Latency,
    Trickle,
    Stall,
    Swallow,
    LineFlip,
    Reset,
    HalfOpen,
    Refuse,
    OtherGateway,
}
