namespace Weir.Server.Exporting;

/// <summary>An export cannot go on. The message says what was wrong, where, and what to do.</summary>
public sealed class ExportException : Exception
{
    /// <summary>Makes the error.</summary>
    public ExportException(string message, int exitCode, Exception? cause = null)
        : base(message, cause) => ExitCode = exitCode;

    /// <summary>How the process ends.</summary>
    public int ExitCode { get; }
}
