namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>A query on its way through <see cref="WmiQueue"/>. Everything in it is guarded by the queue's lock.</summary>
internal sealed class WmiRequest(WmiQuery query)
{
    /// <summary>What is asked.</summary>
    public WmiQuery Query => query;

    /// <summary>The thread that asks; null while it waits.</summary>
    public WmiThread? Thread { get; set; }

    /// <summary>Ends the waiting, then the asking.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>The answer; null until there is one.</summary>
    public IReadOnlyList<WmiValue[]>? Rows { get; private set; }

    /// <summary>Why there is none; null while it may come.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Whether the caller knows all that it will.</summary>
    public bool IsOver => Rows is not null || Error is not null;

    /// <summary>Ends it; what comes later is dropped.</summary>
    public void End(IReadOnlyList<WmiValue[]>? rows, Exception? error)
    {
        if (IsOver) return;
        Rows = rows;
        Error = error;
    }
}
