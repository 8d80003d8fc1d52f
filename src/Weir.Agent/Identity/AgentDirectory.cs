using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>An agent's data directory while no agent runs on it: held by the spool's lock, with an agent id drawn where there was none, and another one on a copy of a machine.</summary>
internal sealed class AgentDirectory : IDisposable
{
    private readonly IDisposable _lock;

    private AgentDirectory(IDisposable held, AgentState state)
    {
        _lock = held;
        State = state;
    }

    /// <summary>Who the agent is.</summary>
    public AgentState State { get; }

    /// <summary>Opens or makes a data directory.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">The data directory.</param>
    /// <param name="machine">The machine that it is on.</param>
    /// <exception cref="AgentDataException">It cannot be used; the message says why and what to do.</exception>
    public static AgentDirectory Open(IFileSystem files, string directory, MachineMark machine)
    {
        IDisposable? held = null;
        try
        {
            DataFormatFile.Check(files, directory);
            string spool = Path.Combine(directory, "spool");
            files.CreateDirectory(spool);
            held = Lock(files, spool);
            DataFormatFile.Ensure(files, directory);
            var file = new AgentStateFile(files, directory);
            if (file.Read() is not { } state)
            {
                if (files.ListFiles(spool).Any(static name => name != "LOCK")) throw file.Missing();
                file.Write(state = AgentState.New());
            }
            // As at a start: else it would be the original, with the original's key.
            else if (state.IsCopyOn(machine) && state.Renamed() is { } renamed)
            {
                file.Write(state = renamed with { Machine = machine });
            }

            return new AgentDirectory(held, state);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw AgentDataException.From(e, directory);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static IDisposable Lock(IFileSystem files, string spool)
    {
        try
        {
            return files.Lock(Path.Combine(spool, "LOCK"));
        }
        catch (IOException e)
        {
            throw new LogException(LogError.InUse, spool, $"{spool} is in use by another process", inner: e);
        }
    }
}
