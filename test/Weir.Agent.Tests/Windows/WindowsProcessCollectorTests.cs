using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Collectors.Windows.Processes;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

public sealed class WindowsProcessCollectorTests
{
    private static readonly string Self = Path.GetFileName(Environment.ProcessPath!);

    private static WindowsProcessCollector Make() => new(CollectorContext.Default with { Config = new CollectorConfig { Names = new NamePatterns([Self], []) } });

    private static double Of(Columns columns, string metric, params string[] attributes)
    {
        var schema = new Schema(columns.Parts);
        int series = Enumerable.Range(0, schema.SeriesCount).Single(each => schema.MetricOf(each).Name == metric && schema.AttributesOf(each).Select(static a => a.Value).SequenceEqual(attributes));
        Assert.Equal(Columns.Present, columns.States[series]);
        return columns.Values[series];
    }

    [Fact]
    public void Collect_FindsThisProcess()
    {
        using WindowsProcessCollector collector = Make();
        var columns = new Columns();
        collector.Collect(columns);
        Assert.True(Of(columns, "weir.process.count", Self) >= 1);
        Assert.InRange(Of(columns, "process.thread.count", Self), 2, 10_000);
        Assert.InRange(Of(columns, "process.memory.usage", Self), 1 << 20, 1e12);
        Assert.True(Of(columns, "process.windows.handle.count", Self) >= 1);
        Assert.Equal(0, Of(columns, "process.cpu.time", Self, "user"));
        Assert.Contains(collector.Inventory().Names[Self], static process => process.Pid == Environment.ProcessId && process.StartedAt.Year >= 2020);
    }

    [Fact]
    public void Collect_CpuTime_GrowsWithWhatThisProcessUses()
    {
        using WindowsProcessCollector collector = Make();
        var columns = new Columns();
        collector.Collect(columns);
        using var process = Process.GetCurrentProcess();
        double used;
        do
        {
            Thread.SpinWait(100_000);
            columns.Clear();
            collector.Collect(columns);
            used = Of(columns, "process.cpu.time", Self, "user") + Of(columns, "process.cpu.time", Self, "system");
        }
        while (used < 0.05);

        Assert.InRange(used, 0.05, 600);
    }

    [Fact]
    public void Collect_SteadyTick_AllocatesNothing()
    {
        using WindowsProcessCollector collector = Make();
        var columns = new Columns();
        Assert.Equal(0, Allocations.Least(() =>
        {
            columns.Clear();
            collector.Collect(columns);
        }));
    }

    [Fact]
    public unsafe void Layout_IsThatOf64BitWindows()
    {
        Assert.Equal(0x100, sizeof(ProcessInformation));
        Assert.Equal(0x20, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.CreateTime)));
        Assert.Equal(0x38, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.NameLength)));
        Assert.Equal(0x50, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.Id)));
        Assert.Equal(0x60, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.HandleCount)));
        Assert.Equal(0x90, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.WorkingSetSize)));
        Assert.Equal(0xC8, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.PrivatePageCount)));
        Assert.Equal(0xE8, (int)Marshal.OffsetOf<ProcessInformation>(nameof(ProcessInformation.ReadTransferCount)));
    }

    [Fact]
    public unsafe void List_ThatIsCutOrLies_EndsEarlyAndNamesNothingOutside()
    {
        using var list = new ProcessList();
        int size = sizeof(ProcessInformation);
        byte[] bytes = new byte[(2 * size) + 8];
        ref ProcessInformation first = ref Unsafe.As<byte, ProcessInformation>(ref bytes[0]);
        first.Id = 7;
        first.NextEntryOffset = (uint)size;
        list.Take(bytes);
        Assert.True(list.TryNext(out ProcessInformation process) && list.TryNext(out _) && !list.TryNext(out _));
        foreach (uint next in (uint[])[1, (uint)size - 8, (uint)size + 16, uint.MaxValue, (uint)bytes.Length + 1])
        {
            first.NextEntryOffset = next;
            list.Take(bytes);
            Assert.True(list.TryNext(out process));
            Assert.False(list.TryNext(out _));
        }

        list.Take(bytes.AsSpan(0, size - 1));
        Assert.False(list.TryNext(out _));

        list.Take(bytes);
        Assert.True(list.TryNext(out process));
        process.Name = list.Address + bytes.Length - 8;
        process.NameLength = 8;
        Assert.Equal(4, list.NameOf(process).Length);
        process.NameLength = 10;
        Assert.True(list.NameOf(process).IsEmpty);
        process.Name = list.Address - 2;
        Assert.True(list.NameOf(process).IsEmpty);
        process.Name = 0;
        Assert.True(list.NameOf(process).IsEmpty);
    }
}
