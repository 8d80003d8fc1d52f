using Weir.Agent.Identity;

namespace Weir.Agent.Commands;

/// <summary>What the process answers. Documented in docs/agent.md; values are frozen.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Something failed while running.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    public const int BadUsage = 2;

    /// <summary>Another agent uses the data directory.</summary>
    public const int DataInUse = 3;

    /// <summary>The data directory cannot be written, or was written by a newer version.</summary>
    public const int DataUnusable = 4;

    /// <summary>What a data directory that cannot be had amounts to.</summary>
    public static int Of(AgentDataException problem) => problem.Error == AgentDataError.InUse ? DataInUse : DataUnusable;
}
