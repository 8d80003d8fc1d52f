namespace Weir.Agent.Collection;

/// <summary>Reads one kind of source (cpu, memory, ...) and writes its values into columns.</summary>
/// <remarks>
/// Called on a thread of its lane, never by two threads at once, and from any of them: no thread affinity. It may block; what blocks beyond the
/// tick is late, what blocks beyond the lane's deadline is stuck, and neither holds others back. A steady call allocates nothing.
/// An exception fails all of the collector's samples of the tick; a part that cannot be read is marked with <see cref="Columns.Fail"/>.
/// </remarks>
internal interface ICollector : IDisposable
{
    /// <summary>The name in the configuration: <c>cpu</c>.</summary>
    string Name { get; }

    /// <summary>Reads the source now.</summary>
    /// <param name="columns">Empty and in the shape of the call before; the collector gives it a new shape when its devices changed.</param>
    void Collect(Columns columns);
}
