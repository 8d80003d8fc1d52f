namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>A thread's way to WMI.</summary>
/// <remarks>Made, used and disposed on one thread only. A call may hang for ever: whoever waits for it does so elsewhere.</remarks>
internal interface IWmiConnection : IDisposable
{
    /// <summary>Asks.</summary>
    /// <param name="query">The question.</param>
    /// <param name="deadline">When to give up, as far as the call lets it.</param>
    /// <returns>The rows, each with the values of the query's properties in their order.</returns>
    /// <exception cref="SourceException">WMI refuses or fails.</exception>
    /// <exception cref="TimeoutException">The deadline is over.</exception>
    IReadOnlyList<WmiValue[]> Run(WmiQuery query, WmiDeadline deadline);
}
