using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>The agent's data directory cannot be used; the message says why and what to do.</summary>
public sealed class AgentDataException : IOException
{
    /// <summary>Makes the error.</summary>
    public AgentDataException(AgentDataError error, string path, string message, Exception? inner = null)
        : base(message, inner)
    {
        Error = error;
        Path = path;
    }

    /// <summary>What is wrong.</summary>
    public AgentDataError Error { get; }

    /// <summary>File or directory concerned.</summary>
    public string Path { get; }

    /// <summary>Says what an error of the file system or the log means for a data directory.</summary>
    internal static AgentDataException From(Exception cause, string directory) => cause switch
    {
        AgentDataException known => known,
        LogException { Error: LogError.InUse } => new(
            AgentDataError.InUse, directory, $"{directory} is in use by another agent: stop it, or name another directory with --data", cause),
        LogException { Error: LogError.NewerFormat } log => new(AgentDataError.NewerFormat, log.Path, log.Message, cause),
        LogException { Error: LogError.NotALog } log => new(AgentDataError.Foreign, log.Path, log.Message, cause),
        _ when DiskFull.Is(cause) => Full(directory, cause),
        UnauthorizedAccessException => new(
            AgentDataError.NotWritable, directory, $"{directory} is not writable: give this user write access, or name another directory with --data", cause),
        _ => new(AgentDataError.NotWritable, directory, $"{directory} cannot be used: {cause.Message}; mend that, or name another directory with --data", cause),
    };

    private static AgentDataException Full(string directory, Exception cause) =>
        new(AgentDataError.DiskFull, directory, $"the disk of {directory} is full: free some space, or name another directory with --data", cause);
}
