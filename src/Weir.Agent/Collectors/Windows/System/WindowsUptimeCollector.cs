namespace Weir.Agent.Collectors.Windows;

/// <summary>Seconds since the host started, sleep included, from GetTickCount64.</summary>
internal sealed class WindowsUptimeCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts = [new(Templates.Uptime, [[]])];

    private const double MillisecondsPerSecond = 1000;

    /// <inheritdoc/>
    public string Name => "uptime";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        columns.Set(0, NativeMethods.GetTickCount64() / MillisecondsPerSecond);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }
}
