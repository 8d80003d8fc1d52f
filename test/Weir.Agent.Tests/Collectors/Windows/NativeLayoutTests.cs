using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Collectors.Windows;

/// <summary>The layouts of the system's structures on 64-bit Windows, as a C compiler has them from the headers of MinGW-w64.</summary>
public sealed unsafe class NativeLayoutTests
{
    [Fact]
    public void Sizes_AreThoseOfTheHeaders()
    {
        Assert.Equal(1352, sizeof(NativeMethods.InterfaceRow));
        Assert.Equal(8, sizeof(NativeMethods.InterfaceTableHeader));
        Assert.Equal(104, sizeof(NativeMethods.PerformanceInfo));
        Assert.Equal(32, sizeof(NativeMethods.PageFileInfo));
        Assert.Equal(60, sizeof(NativeMethods.TcpStatistics));
        Assert.Equal(20, sizeof(NativeMethods.UdpStatistics));
        Assert.Equal(56, sizeof(NativeMethods.ServiceRow));
        Assert.Equal(12, sizeof(NativeMethods.PowerStatus));
        Assert.Equal(24, sizeof(NativeMethods.ProcessorPower));
        Assert.Equal(48, sizeof(NativeMethods.ProcessorTimes));
        Assert.Equal(64, sizeof(NativeMethods.MemoryStatus));
        Assert.InRange(sizeof(NativeMethods.PerformanceCounts), 312, 4096);
    }

    [Fact]
    public void Offsets_AreThoseOfTheHeaders()
    {
        Assert.Equal(8, OffsetOf<NativeMethods.PerformanceInfo>(nameof(NativeMethods.PerformanceInfo.CommitTotal)));
        Assert.Equal(80, OffsetOf<NativeMethods.PerformanceInfo>(nameof(NativeMethods.PerformanceInfo.PageSize)));
        Assert.Equal(96, OffsetOf<NativeMethods.PerformanceInfo>(nameof(NativeMethods.PerformanceInfo.Threads)));
        Assert.Equal(16, OffsetOf<NativeMethods.ServiceRow>(nameof(NativeMethods.ServiceRow.Type)));
        Assert.Equal(20, OffsetOf<NativeMethods.ServiceRow>(nameof(NativeMethods.ServiceRow.State)));
        Assert.Equal(36, OffsetOf<NativeMethods.TcpStatistics>(nameof(NativeMethods.TcpStatistics.SegmentsIn)));
    }

    [Fact]
    public void InterfaceRow_NameWithoutAFinalZero_EndsWithTheField()
    {
        var row = default(NativeMethods.InterfaceRow);
        new Span<char>(Unsafe.AsPointer(ref row.Alias[0]), NativeMethods.InterfaceRow.MaxAlias).Fill('x');
        Assert.Equal(NativeMethods.InterfaceRow.MaxAlias, row.Name.Length);
    }

    private static int OffsetOf<T>(string field) => (int)Marshal.OffsetOf<T>(field);
}
