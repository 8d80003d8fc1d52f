namespace Weir.Server.Hosting;

/// <summary>The server cannot start. Every problem found is named, each with its cure.</summary>
public sealed class StartupException : Exception
{
    /// <summary>Makes the error.</summary>
    public StartupException(IReadOnlyList<string> problems, int exitCode)
        : base(string.Join(Environment.NewLine, problems))
    {
        Problems = problems;
        ExitCode = exitCode;
    }

    /// <summary>One line each.</summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>How the process ends.</summary>
    public int ExitCode { get; }
}
