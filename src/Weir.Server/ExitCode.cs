namespace Weir.Server;

/// <summary>What the process tells its caller. Documented in <c>docs/cli.md</c>; values are frozen.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>It went wrong while running: a query failed, a server stopped by an error.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>The environment does not allow it: port in use, data directory not writable, of a newer format or in use.</summary>
    public const int Environment = 3;
}
