using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Filesystems;
using Weir.Agent.Collectors.Linux;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>Mounts whose statvfs does not return until the test lets it, by a clock that the test moves.</summary>
public sealed class HungMountTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly LinuxTree _tree = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Columns _columns = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly ConcurrentDictionary<string, ManualResetEventSlim> _gates = new();
    private readonly SemaphoreSlim _hung = new(0);
    private double _limit = 100;

    public HungMountTests() => _tree.Write("proc/filesystems", "nodev\tproc\n\text4\n");

    public void Dispose()
    {
        foreach (ManualResetEventSlim gate in _gates.Values) gate.Set();
        _tree.Dispose();
    }

    private void Mount(params string[] points) =>
        _tree.Write("proc/self/mounts", string.Concat(points.Select(static point => $"/dev{point.Split(':')[0]} {point.Split(':')[0]} ext4 {(point.Contains(':', StringComparison.Ordinal) ? "ro" : "rw")},relatime 0 0\n")));

    private void Hang(params string[] points)
    {
        foreach (string point in points) _gates[point] = new ManualResetEventSlim();
    }

    private FilesystemCollector Make() => new(_tree.Context(time: _time), Read);

    private FailureReason? Read(Mount mount, out FilesystemSpace space)
    {
        _asked.AddOrUpdate(mount.Point, 1, static (_, times) => times + 1);
        if (_gates.TryGetValue(mount.Point, out ManualResetEventSlim? gate) && !gate.IsSet)
        {
            _hung.Release();
            gate.Wait(Limit);
        }

        space = new FilesystemSpace(_limit, 50, 10, 1000, 400);
        return null;
    }

    // A tick during which so many mounts begin to hang: the clock is moved on for each.
    private async Task CollectAsync(FilesystemCollector collector, int hanging)
    {
        _columns.Clear();
        Task tick = Task.Factory.StartNew(() => collector.Collect(_columns), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int i = 0; i < hanging; i++)
        {
            Assert.True(await _hung.WaitAsync(Limit, TestContext.Current.CancellationToken));
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        await tick.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    private void Return(FilesystemCollector collector, string point)
    {
        int hanging = collector.Hanging;
        _gates[point].Set();
        Assert.True(SpinWait.SpinUntil(() => collector.Hanging == hanging - 1, Limit));
    }

    private string Limits() => string.Join(' ', new[] { "/a", "/b", "/c", "/d", "/e", "/f" }.Select(point => LinuxTree.Values(_columns).FirstOrDefault(pair => pair.Key.StartsWith($"system.filesystem.limit{{/dev{point},", StringComparison.Ordinal)).Value));

    [Fact]
    public async Task Collect_OneHangs_IsStuckAndTheOthersGoOnUntilItReturns()
    {
        Mount("/a", "/b", "/c");
        Hang("/b");
        using FilesystemCollector collector = Make();
        await CollectAsync(collector, hanging: 1);
        Assert.Equal("100 0 100 0 0 0", Limits());
        Dictionary<string, FailureReason> failures = LinuxTree.Failures(_columns);
        Assert.Equal(7, failures.Count);
        Assert.All(failures, static pair => Assert.True(pair.Key.Contains("/b", StringComparison.Ordinal) && pair.Value == FailureReason.Stuck));

        _limit = 200;
        await CollectAsync(collector, hanging: 0);
        Assert.Equal("200 0 200 0 0 0", Limits());
        Assert.Equal((2, 1, 2, 1), (_asked["/a"], _asked["/b"], _asked["/c"], collector.Hanging));

        Return(collector, "/b");
        await CollectAsync(collector, hanging: 0);
        Assert.Equal("200 200 200 0 0 0", Limits());
        Assert.Empty(LinuxTree.Failures(_columns));
    }

    [Fact]
    public async Task Collect_FourHang_TheOthersGoOn()
    {
        Mount("/a", "/b", "/c", "/d", "/e", "/f");
        Hang("/a", "/b", "/d", "/e");
        using FilesystemCollector collector = Make();
        await CollectAsync(collector, hanging: 4);
        Assert.Equal("0 0 100 0 0 100", Limits());
        await CollectAsync(collector, hanging: 0);
        Assert.Equal("0 0 100 0 0 100", Limits());
        Assert.Equal(4, collector.Hanging);
    }

    [Fact]
    public async Task Collect_FiveHang_TheRestIsStuckUntilOneReturns()
    {
        Mount("/a", "/b", "/c", "/d", "/e", "/f");
        Hang("/a", "/b", "/c", "/d", "/e");
        using FilesystemCollector collector = Make();
        await CollectAsync(collector, hanging: 5);
        await CollectAsync(collector, hanging: 0);
        Assert.Equal("0 0 0 0 0 0", Limits());
        Assert.False(_asked.ContainsKey("/f"));
        Assert.All(LinuxTree.Failures(_columns).Values, static reason => Assert.Equal(FailureReason.Stuck, reason));
        Return(collector, "/c");
        await CollectAsync(collector, hanging: 0);
        Assert.Equal("0 0 100 0 0 100", Limits());
        Assert.Equal(4, collector.Hanging);
    }

    [Fact]
    public async Task Collect_TheTableChanges_WhatHangsIsNotAskedAgain()
    {
        Mount("/a", "/b");
        Hang("/b");
        using FilesystemCollector collector = Make();
        await CollectAsync(collector, hanging: 1);
        Mount("/a", "/b:ro", "/c");
        await CollectAsync(collector, hanging: 0);
        Assert.Equal("100 0 100 0 0 0", Limits());
        Assert.Equal((1, 1), (_asked["/b"], collector.Hanging));
        // The mode comes from the mount table, whoever hangs.
        Assert.Equal(1, LinuxTree.Values(_columns)["system.filesystem.linux.read_only{/dev/b,/b,ext4}"]);
    }

    [Fact]
    public async Task Dispose_WhileOneHangs_ReturnsAtOnce()
    {
        Mount("/b");
        Hang("/b");
        FilesystemCollector collector = Make();
        await CollectAsync(collector, hanging: 1);
        collector.Dispose();
        Assert.Equal(1, collector.Hanging);
        Return(collector, "/b");
    }

    [Fact]
    public async Task Collect_InodesAndMode_AreReported()
    {
        Mount("/a");
        using FilesystemCollector collector = Make();
        await CollectAsync(collector, hanging: 0);
        Dictionary<string, double> values = LinuxTree.Values(_columns);
        Assert.Equal((600, 400), (values["system.filesystem.inodes.usage{/dev/a,/a,ext4,rw,used}"], values["system.filesystem.inodes.usage{/dev/a,/a,ext4,rw,free}"]));
        Assert.Equal(0, values["system.filesystem.linux.read_only{/dev/a,/a,ext4}"]);
    }
}
