using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>How long a query may take, from now on.</summary>
internal sealed class WmiDeadline(TimeProvider time, TimeSpan limit)
{
    private readonly long _begin = time.GetTimestamp();

    /// <summary>Gives up where the time is over.</summary>
    /// <exception cref="TimeoutException">It is.</exception>
    public void ThrowIfOver(WmiQuery query)
    {
        if (time.GetElapsedTime(_begin) >= limit) throw new TimeoutException($"WMI did not finish '{query.Text}' within {Duration.Format(limit)}");
    }
}
