using System.Globalization;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Windows;

/// <remarks>Wine has no NtQuerySystemInformationEx of this class: the catalog's second source gives the values there. Its user time is user and nice of Linux.</remarks>
public sealed class WindowsCpuCollectorTests
{
    private const double TicksPerSecond = 100;

    [Fact]
    public void Collect_TimesOfEachProcessor_LieBetweenTwoReadingsOfLinux()
    {
        HostProc.SkipWithout();
        using SourcedCollector collector = Native.Of("cpu");
        double[][] before = Processors();
        Dictionary<string, double> values = Readings.Of(collector);
        double[][] after = Processors();
        Assert.Equal(before.Length, values["system.cpu.logical.count{}"]);
        for (int cpu = 0; cpu < before.Length; cpu++)
        {
            Assert.InRange(values[$"system.cpu.time{{{cpu},user}}"], before[cpu][0], after[cpu][0]);
            Assert.InRange(values[$"system.cpu.time{{{cpu},idle}}"], before[cpu][1], after[cpu][1]);
        }

        // User with nice, and idle, of each processor in seconds, with a tick for rounding.
        static double[][] Processors() => [.. HostProc.Lines("stat").Where(static words => words[0].Length > 3 && words[0].StartsWith("cpu", StringComparison.Ordinal))
            .Select(static words => (double[])[(Number(words[1]) + Number(words[2])) / TicksPerSecond, Number(words[4]) / TicksPerSecond])];

        static double Number(string word) => double.Parse(word, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Collect_SecondTick_HasTheBusyShare()
    {
        using SourcedCollector collector = Native.Of("cpu");
        var columns = new Columns();
        collector.Collect(columns);
        Assert.DoesNotContain("system.cpu.utilization{0}", Readings.Of(columns).Keys);
        double busy;
        do
        {
            columns.Clear();
            collector.Collect(columns);
        }
        while (!Readings.Of(columns).TryGetValue("system.cpu.utilization{0}", out busy));
        Assert.InRange(busy, 0, 1);
        Assert.Contains("windows.cpu.interrupts{0}", Readings.Of(columns).Keys);
        Assert.Contains("windows.cpu.dpc.time{0}", Readings.Of(columns).Keys);
    }

    [Fact]
    public void Reader_NumbersAndTimes_AreAsManyAsTheSystemHas()
    {
        var reader = new ProcessorTimesReader(byGroup: false);
        Assert.Equal((int)NativeMethods.GetActiveProcessorCount(0), reader.Read().Length);
        Assert.Equal(Enumerable.Range(0, reader.Numbers.Length), reader.Numbers);
    }

    [Fact]
    public void Frequency_OfEachProcessor_IsThatOfAMachine()
    {
        using SourcedCollector collector = Native.Of("cpu_frequency");
        Dictionary<string, double> values = Readings.Of(collector);
        Assert.Equal(Environment.ProcessorCount, values.Count);
        Assert.All(values.Values, static hertz => Assert.InRange(hertz, 1e8, 1e10));
    }
}
