namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>The bounds of <see cref="WmiQueue"/>.</summary>
/// <remarks>Together <see cref="Wait"/> and <see cref="Hang"/> stay below the 60 s after which the normal lane gives its own thread up.</remarks>
internal sealed record WmiQueueOptions
{
    /// <summary>How long a query may take before its thread gives it up by itself. Default 15 s: slow providers (products, licences) take seconds.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>When a query counts as hung, and its thread as lost to it. Default 20 s; longer than <see cref="Deadline"/>.</summary>
    public TimeSpan Hang { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a query may wait for its turn. Default 30 s.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most queries that wait; beyond it one is refused. Default 64: twice the most configured classes.</summary>
    public int MaxWaiting { get; init; } = 64;

    /// <summary>Most threads that hang and were replaced. Default 2; beyond it nothing is asked until one of them returns.</summary>
    public int MaxAbandoned { get; init; } = 2;
}
