namespace Weir.Server.Hosting;

/// <summary>Whether the server answers in full: the writer has caught up with the log, and it is not draining.</summary>
internal sealed class Readiness
{
    private volatile bool _caughtUp;
    private volatile bool _draining;

    /// <summary>What <c>/readyz</c> says.</summary>
    public (bool Ready, string Reason) State => (_caughtUp, _draining) switch
    {
        (_, true) => (false, "draining"),
        (false, _) => (false, "the store is being rebuilt from the log"),
        _ => (true, "ready"),
    };

    /// <summary>The writer has caught up once.</summary>
    public void WriterCaughtUp() => _caughtUp = true;

    /// <summary>The server is going down.</summary>
    public void Drain() => _draining = true;
}
