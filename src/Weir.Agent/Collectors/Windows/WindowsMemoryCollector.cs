using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Physical memory from GlobalMemoryStatusEx: what is available counts as free, the rest as used.</summary>
internal sealed class WindowsMemoryCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts = [new(Templates.MemoryUsage, [["used"], ["free"]]), new(Templates.Memory, [[]])];

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public unsafe void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        var status = new NativeMethods.MemoryStatus { Length = (uint)sizeof(NativeMethods.MemoryStatus) };
        if (!NativeMethods.GlobalMemoryStatusEx(&status)) throw new Win32Exception(Marshal.GetLastPInvokeError());
        double total = status.TotalPhysical, available = status.AvailablePhysical;
        columns.Set(0, total - available);
        columns.Set(1, available);
        columns.Set(2, total);
        columns.Set(3, Math.Round(1 - (available / total), 4));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }
}
