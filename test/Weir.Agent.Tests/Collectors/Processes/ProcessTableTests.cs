using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Collectors.Processes;

/// <summary>Processes summed by name, by a clock that the test moves.</summary>
public sealed class ProcessTableTests
{
    private readonly FakeTimeProvider _time = new();
    private ProcessTable _table;

    public ProcessTableTests() => _table = Make(20);

    private ProcessTable Make(int top, NamePatterns? names = null) => new(top, names ?? NamePatterns.None, _time);

    private bool Tick(params (int Pid, ulong Start, string Name, ulong Cpu, ulong Memory)[] processes) => Tick(1, processes);

    private bool Tick(double seconds, params (int Pid, ulong Start, string Name, ulong Cpu, ulong Memory)[] processes)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        _table.Begin();
        foreach ((int pid, ulong start, string name, ulong cpu, ulong memory) in processes)
        {
            UInt128 tag = (UInt128)name.Length;
            if (!_table.TryFind(pid, start, tag, out int slot)) slot = _table.Add(pid, start, tag, name, start >= _table.Newest);
            if (slot >= 0) _table.Observe(slot, new ProcessReading { Counters = new ProcessCounters(cpu, 0, 0, 0, 0, 0), ResidentBytes = memory, Threads = 1 });
        }

        return _table.End(sawAll: true);
    }

    private NameTotals Of(string name) => Assert.Single(_table.Reported.ToArray(), totals => totals.Name == name);

    private IEnumerable<string> Names => _table.Reported.ToArray().Select(static totals => totals.Name);

    [Fact]
    public void Counters_OfAProcessThatWasThere_BeginAtZeroAndOfANewOneCountWhole()
    {
        Tick((1, 100, "db", 5000, 10));
        Assert.Equal(0ul, Of("db").Total.User);
        Tick((1, 100, "db", 5007, 10), (2, 200, "db", 30, 10));
        Assert.Equal((37ul, 20ul, 2u), (Of("db").Total.User, Of("db").Now.ResidentBytes, Of("db").Alive));
    }

    [Fact]
    public void Counters_WhenAProcessEnds_KeepWhatItUsed()
    {
        Tick((1, 100, "db", 0, 10), (2, 100, "db", 0, 10));
        Tick((1, 100, "db", 10, 10), (2, 100, "db", 20, 10));
        Tick((1, 100, "db", 11, 10));
        Assert.Equal((31ul, 1u), (Of("db").Total.User, Of("db").Alive));
        Tick();
        Assert.Equal((31ul, 0u, 0ul), (Of("db").Total.User, Of("db").Alive, Of("db").Now.ResidentBytes));
        Assert.Equal(0, _table.Count);
    }

    [Fact]
    public void Pid_TakenOverByAnotherProcess_IsANewProcessOfItsOwnName()
    {
        Tick((7, 100, "old", 900, 10));
        Tick((7, 100, "old", 910, 10));
        Tick((7, 555, "new", 4, 10));
        Assert.Equal((10ul, 0u), (Of("old").Total.User, Of("old").Alive));
        Assert.Equal((0ul, 1u, 4ul), (Of("new").Total.User, Of("new").Alive, Of("other").Total.User));
        Tick((7, 777, "new", 3, 10));
        Assert.Equal((3ul, 1, 1u), (Of("new").Total.User, _table.Count, Of("new").Alive));
    }

    [Fact]
    public void ProcessThatWasMissedOnce_IsNotCountedWholeASecondTime()
    {
        Tick((1, 100, "db", 1000, 10), (2, 300, "sh", 0, 10));
        Tick((2, 300, "sh", 0, 10));
        Tick((1, 100, "db", 1001, 10), (2, 300, "sh", 0, 10));
        Assert.Equal(0ul, Of("db").Total.User);
        Tick((1, 100, "db", 1005, 10), (2, 300, "sh", 0, 10));
        Assert.Equal(4ul, Of("db").Total.User);
    }

    [Fact]
    public void CounterThatRunsBackward_AddsNothing()
    {
        Tick((1, 100, "db", 100, 10));
        Tick((1, 100, "db", 40, 10));
        Tick((1, 100, "db", 45, 10));
        Assert.Equal(5ul, Of("db").Total.User);
    }

    [Fact]
    public void ProcessThatBecomesAnotherProgram_CountsForItsNewNameFromThenOn()
    {
        Tick((1, 100, "sh", 10, 10));
        Tick((1, 100, "sh", 12, 10));
        Tick((1, 100, "server", 20, 10));
        Assert.Equal((2ul, 0ul, 8ul), (Of("sh").Total.User, Of("server").Total.User, Of("other").Total.User));
        Assert.Equal((0u, 1u), (Of("sh").Alive, Of("server").Alive));
        Tick((1, 100, "server", 25, 10));
        Assert.Equal((2ul, 5ul, 8ul), (Of("sh").Total.User, Of("server").Total.User, Of("other").Total.User));
    }

    [Fact]
    public void Top_ByCpuAndByMemory_TheRestIsOtherAndTheSumIsWhole()
    {
        _table = Make(1);
        (int, ulong, string, ulong, ulong)[] At(ulong busy) => [(1, 1, "busy", busy, 5), (2, 1, "large", 1, 900), (3, 1, "a", busy / 10, 7), (4, 1, "b", busy / 5, 8)];
        Tick(At(100));
        Tick(At(200));
        Assert.Equal(["busy", "large", "other"], Names);
        Assert.Equal((30ul, 15ul, 2u), (Of("other").Total.User, Of("other").Now.ResidentBytes, Of("other").Alive));
    }

    [Fact]
    public void Other_NeverRunsBackwardWhenANameLeavesOrEntersIt()
    {
        _table = Make(1);
        ulong last = 0;
        for (ulong tick = 0; tick < 200; tick++)
        {
            // Three names take turns of 40 s at being the busiest.
            ulong[] cpu = [.. Enumerable.Range(0, 9).Select(i => (tick * 2) + (((tick / 40) % 9) == (ulong)i ? 1000 * (tick % 40) : 0) + ((tick / 40) > (ulong)i ? 40_000ul : 0))];
            Tick([.. cpu.Select(static (used, i) => (i + 1, 1ul, $"p{i}", used, (ulong)i))]);
            Assert.True(Of("other").Total.User >= last);
            last = Of("other").Total.User;
        }

        Assert.True(last > 0);
    }

    [Fact]
    public void Increases_OfAllNames_AreWhatWasUsedWhileNamesComeAndGo()
    {
        _table = Make(1);
        var used = new ulong[6];
        var last = new Dictionary<string, ulong>();
        ulong increases = 0;
        int returns = 0;
        Tick([.. used.Select(static (cpu, i) => (i + 1, 1ul, $"p{i}", cpu, 1ul))]);
        foreach (NameTotals name in _table.Reported) last[name.Name] = name.Total.User;
        for (int tick = 1; tick <= 1200; tick++)
        {
            // Each is the busiest for two minutes in turn; all others work, too.
            for (int i = 0; i < used.Length; i++) used[i] += tick / 120 % used.Length == i ? 1000ul : (ulong)i + 1;
            Tick([.. used.Select(static (cpu, i) => (i + 1, 1ul, $"p{i}", cpu, 1ul))]);
            // As increase() does it: what a series grows by from one of its samples to the next.
            foreach (NameTotals name in _table.Reported)
            {
                if (last.TryGetValue(name.Name, out ulong before))
                {
                    Assert.InRange(name.Total.User, before, ulong.MaxValue);
                    increases += name.Total.User - before;
                    if (!name.WasReported && name.Name != ProcessTable.OtherName) returns++;
                }

                last[name.Name] = name.Total.User;
            }
        }

        Assert.True(returns > 0, "no name came back");
        Assert.Equal(used.Aggregate(0ul, static (sum, cpu) => sum + cpu), increases);
    }

    [Fact]
    public void NameThatLeftTheTop_StaysForAMinuteOutsideOfTheTop2N()
    {
        _table = Make(1);
        // Memory only: a was the largest, then b and c pass it.
        Tick((1, 1, "a", 0, 100), (2, 1, "b", 0, 50), (3, 1, "c", 0, 40));
        Assert.Equal(["a", "other"], Names);
        // cpu that all use: nobody is near for being idle.
        ulong cpu = 0;
        bool TickAfter(double seconds, ulong a) => Tick(seconds, (1, 1, "a", 0, a), (2, 1, "b", cpu += 50, 500), (3, 1, "c", cpu, 400));
        Assert.True(TickAfter(1, 10));
        Assert.Equal(["a", "b", "other"], Names);
        for (int second = 2; second <= 59; second++) Assert.False(TickAfter(1, 10));
        Assert.True(TickAfter(1, 10));
        Assert.Equal(["b", "other"], Names);
    }

    [Fact]
    public void NamesBeyondThePlaces_WaitUntilOneHasBeenOutForAMinute()
    {
        _table = Make(1);
        for (int i = 0; i < 10; i++) Tick((1, 1, $"{new string('x', i + 1)}", 0, 100));
        Assert.Equal(5, _table.Reported.Length);
        Tick(61, (1, 1, "yyyyyyyyyyyyyy", 0, 100));
        Assert.Contains("yyyyyyyyyyyyyy", Names);
    }

    [Fact]
    public void QuietHost_KeepsItsNames()
    {
        _table = Make(5);
        var random = new Random(1);
        ulong[] cpu = new ulong[12];
        int changes = 0;
        for (int tick = 0; tick < 1000; tick++)
        {
            if (random.Next(3) == 0) cpu[random.Next(12)]++;
            if (Tick(15, [.. cpu.Select(static (used, i) => (i + 1, 1ul, $"p{i}", used, 100 + (ulong)i))])) changes++;
        }

        Assert.InRange(changes, 1, 12);
    }

    [Fact]
    public void Patterns_IncludeANameThatDoesNotRankAndCountAnExcludedOneAsOther()
    {
        _table = Make(1, new NamePatterns([], ["secret*"]));
        Tick((1, 1, "a", 0, 10), (2, 1, "secret1", 0, 100));
        Assert.Equal(["a", "other"], Names);
        Assert.Equal(100ul, Of("other").Now.ResidentBytes);
        _table = Make(1, new NamePatterns(["small"], []));
        Tick((1, 1, "small", 0, 1), (2, 1, "large", 0, 100), (3, 1, "mid", 0, 50));
        Assert.Equal(["large", "small", "other"], Names);
    }

    [Fact]
    public void ExecutableCalledOther_IsPartOfTheRest()
    {
        Tick((1, 1, "other", 5, 10));
        Tick((1, 1, "other", 8, 10));
        Assert.Equal(["other"], Names);
        Assert.Equal((3ul, 10ul), (Of("other").Total.User, Of("other").Now.ResidentBytes));
    }

    [Fact]
    public void MoreProcessesThanTheTableHolds_AreRefusedAndTheOthersGoOn()
    {
        (int, ulong, string, ulong, ulong)[] many = [.. Enumerable.Range(1, ProcessTable.MaxProcesses + 10).Select(static pid => (pid, 1ul, "worker", 0ul, 1ul))];
        Tick(many);
        Assert.Equal((ProcessTable.MaxProcesses, (uint)ProcessTable.MaxProcesses), (_table.Count, Of("worker").Alive));
        Assert.False(Tick(many[..5]));
        Assert.Equal((5, 5u), (_table.Count, Of("worker").Alive));
    }

    [Fact]
    public void MoreNamesThanTheTableHolds_CountAsOtherAndDeadOnesMakeRoom()
    {
        Tick([.. Enumerable.Range(1, ProcessTable.MaxNames + 5).Select(static pid => (pid, 1ul, $"n{pid}", 0ul, (ulong)pid))]);
        Assert.Equal((uint)ProcessTable.MaxNames + 5, _table.Reported.ToArray().Aggregate(0u, static (sum, name) => sum + name.Alive));
        Tick();
        Tick((90_000, 2, "late", 5, 1_000_000));
        Assert.Contains("late", Names);
    }

    [Fact]
    public void SteadyTick_AllocatesNothing()
    {
        // Some end and others start on each tick.
        (int, ulong, string, ulong, ulong)[][] ticks =
            [.. Enumerable.Range(0, 40).Select(static tick => Enumerable.Range(1, 300).Select(pid => (pid, (ulong)(pid % 10 == 0 ? tick : 1), $"n{pid % 30}", (ulong)(tick * (pid % 30)), 1000ul * (ulong)(pid % 30))).ToArray())];
        foreach (var tick in ticks[..20]) Tick(tick);
        _time.Advance(TimeSpan.FromSeconds(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int at = 20; at < ticks.Length; at++)
        {
            _table.Begin();
            foreach ((int pid, ulong start, string name, ulong cpu, ulong memory) in ticks[at])
            {
                if (!_table.TryFind(pid, start, (UInt128)name.Length, out int slot)) slot = _table.Add(pid, start, (UInt128)name.Length, name, isNew: false);
                _table.Observe(slot, new ProcessReading { Counters = new ProcessCounters(cpu, 0, 0, 0, 0, 0), ResidentBytes = memory });
            }

            _table.End(sawAll: true);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Inventory_NamesTheProcessesOfReportedNamesAtMostSixteenEach()
    {
        _table = Make(1);
        Tick([(1, 10, "db", 0, 100), (500, 20, "small", 0, 1), .. Enumerable.Range(2, 30).Select(static pid => (pid, 10ul, "db", 0ul, 100ul))]);
        ProcessInventory inventory = _table.Inventory(static start => DateTimeOffset.UnixEpoch.AddSeconds(start));
        Assert.Equal(["db"], inventory.Names.Keys);
        Assert.Equal(16, inventory.Names["db"].Count);
        Assert.All(inventory.Names["db"], static process => Assert.Equal(10, process.StartedAt.ToUnixTimeSeconds()));
    }
}
