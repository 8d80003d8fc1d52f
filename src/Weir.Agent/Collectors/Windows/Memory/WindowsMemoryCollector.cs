using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Physical memory from GlobalMemoryStatusEx; commit charge, cache and kernel pools from GetPerformanceInfo.</summary>
/// <remarks>
/// What is available counts as free, the rest as used: the cache, of which most is available, is no state of its own but <c>windows.memory.cache.usage</c>.
/// Where GetPerformanceInfo fails, its series fail alone.
/// </remarks>
internal sealed unsafe class WindowsMemoryCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.MemoryUsage, [["used"], ["free"]]),
        new(Templates.Memory, [[]]),
        new(Templates.WindowsMemory, [[]]),
        new(Templates.WindowsMemoryPool, [["paged"], ["nonpaged"]]),
    ];

    private const int DetailAt = 4;
    private const int SeriesCount = 9;

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        var status = new NativeMethods.MemoryStatus { Length = (uint)sizeof(NativeMethods.MemoryStatus) };
        if (!NativeMethods.GlobalMemoryStatusEx(&status)) throw new Win32Exception(Marshal.GetLastPInvokeError());
        double total = status.TotalPhysical, available = status.AvailablePhysical;
        columns.Set(0, total - available);
        columns.Set(1, available);
        columns.Set(2, total);
        columns.Set(3, Math.Round(1 - (available / total), 4));
        CollectDetail(columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private static void CollectDetail(Columns columns)
    {
        NativeMethods.PerformanceInfo info;
        if (!NativeMethods.GetPerformanceInfo(&info, (uint)sizeof(NativeMethods.PerformanceInfo)))
        {
            for (int series = DetailAt; series < SeriesCount; series++) columns.Fail(series, FailureReason.Error);
            return;
        }

        double page = info.PageSize;
        columns.Set(DetailAt, info.CommitTotal * page);
        columns.Set(DetailAt + 1, info.CommitLimit * page);
        columns.Set(DetailAt + 2, info.SystemCache * page);
        columns.Set(DetailAt + 3, info.KernelPaged * page);
        columns.Set(DetailAt + 4, info.KernelNonPaged * page);
    }
}
