using Weir.Agent.Collection;

namespace Weir.Bench.Lanes;

/// <summary>A collector that does at each run what no collector should.</summary>
/// <param name="name">Its name.</param>
/// <param name="collect">What it does.</param>
internal sealed class BadCollector(string name, Action<Columns> collect) : ICollector
{
    public string Name => name;

    public void Collect(Columns columns) => collect(columns);

    public void Dispose()
    {
        // Holds nothing.
    }
}
