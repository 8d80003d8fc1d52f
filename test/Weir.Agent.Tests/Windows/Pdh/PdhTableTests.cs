using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows.Pdh;

/// <summary>The way from pdh.dll to values: layouts, buffers, instances, status codes, late counters, against a library built from others' headers.</summary>
[Collection(PdhCollection.Name)]
public sealed class PdhTableTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakePdh _fake = new();
    private readonly PdhSession _session;
    private bool _hasRights = true;

    public PdhTableTests() => _session = new PdhSession(_time, () => _hasRights);

    public void Dispose()
    {
        _fake.Dispose();
        Assert.Equal((0, 0), (FakePdh.OpenQueries, FakePdh.OpenCounters));
    }

    private PdhTable Open(string name, params string[] counters) =>
        new(name, [.. counters.Select(static counter => new PdhColumn(counter))], new PdhInstances(static _ => true, 1000), _session);

    private static string Text(PdhTable table, int column = 0) =>
        string.Join(' ', table.Rows.Select((row, index) => $"{row}={(table.ValueOf(column, index) is { } value ? value.ToString(System.Globalization.CultureInfo.InvariantCulture) : "-")}"));

    [Fact]
    public void Read_EveryType_IsConvertedToSecondsSharesAndCounts()
    {
        _fake.Object("O");
        (string Name, uint Type, long First, long Second, double Expected)[] cases =
        [
            ("bulk", FakePdh.Count64, 0x1_2345_6789_ABCD, 7, 0x1_2345_6789_ABCD),
            ("timer", FakePdh.Timer, 15_000_000, 7, 1.5),
            ("precision", FakePdh.PrecisionTimer, 25_000_000, 7, 2.5),
            ("ticks", FakePdh.TickTimer, 3_000, 7, 1.5),
            ("raw", FakePdh.RawCount, 4_000_000_001, 0, 4_000_000_001),
            ("large", FakePdh.LargeRawCount, 1L << 40, 0, 1L << 40),
            ("fraction", FakePdh.RawFraction, 30, 40, 0.75),
            ("elapsed", FakePdh.ElapsedTime, 1_000, 9_000, 4),
        ];
        foreach (var each in cases)
            _fake.Counter("O", each.Name, each.Type, each.Type is FakePdh.TickTimer or FakePdh.ElapsedTime ? 2_000 : 10_000_000).Value("O", each.Name, "a", each.First, each.Second);
        using PdhTable table = Open("O", [.. cases.Select(static each => each.Name)]);
        table.Read();
        Assert.Equal(["a"], table.Rows);
        Assert.All(cases.Index(), each => Assert.Equal((each.Item.Name, each.Item.Expected), (each.Item.Name, table.ValueOf(each.Index, 0))));
    }

    [Fact]
    public void Read_PartsOfACounter_AreItsBaseItsTotalAndTheTimeThatWasNotIdle()
    {
        _fake.Object("O").Counter("O", "average", FakePdh.AverageTimer).Counter("O", "idle", FakePdh.PrecisionTimer).Counter("O", "busy", FakePdh.InverseTimer).Counter("O", "total", FakePdh.RawCount);
        for (int step = 1; step <= 2; step++)
        {
            _fake.At(step).Value("O", "average", "a", 0, 41 + step).Value("O", "idle", "a", 1_000_000_000 + (step * 4_000_000), (long)1e17 + (step * 10_000_000));
            _fake.Value("O", "busy", "a", 2_000_000_000 + (step * 3_000_000), (long)1e17 + (step * 10_000_000)).Value("O", "total", "a", step == 1 ? uint.MaxValue : 4);
        }

        using var table = new PdhTable("O", [new("average", PdhPart.Base), new("idle", PdhPart.Complement), new("busy"), new("total", PdhPart.Total)], new PdhInstances(static _ => true, 10), _session);
        table.Read();
        Assert.Equal((0, 0, 0, 0), (table.ValueOf(0, 0), table.ValueOf(1, 0), table.ValueOf(2, 0), table.ValueOf(3, 0)));
        _time.Advance(TimeSpan.FromSeconds(1));
        table.Read();
        Assert.Equal((1, 0.6, 0.7, 5), (table.ValueOf(0, 0), table.ValueOf(1, 0), table.ValueOf(2, 0), table.ValueOf(3, 0)));
    }

    [Fact]
    public void Read_CollectThatTakesSeconds_LosesNoBusyTime()
    {
        _fake.Object("O").Counter("O", "idle", FakePdh.PrecisionTimer);
        for (int step = 1; step <= 4; step++)
        {
            // Readings are four seconds apart and take two each, the third is of their end and the others of their beginning.
            int second = (step * 4) + (step == 3 ? 2 : 0);
            _fake.At(step).Value("O", "idle", "a", second * 4_000_000, (long)1e17 + (second * 10_000_000L));
        }

        using var table = new PdhTable("O", [new("idle", PdhPart.Complement)], new PdhInstances(static _ => true, 10), new PdhSession(new SlowTime(TimeSpan.FromSeconds(2)), static () => true));
        double?[] busy = new double?[4];
        for (int step = 0; step < busy.Length; step++)
        {
            table.Read();
            busy[step] = table.ValueOf(0, 0);
        }

        Assert.Equal([0, 2.4, 6, 7.2], busy);
    }

    [Fact]
    public void Read_ObjectWithoutInstances_HasOneRow()
    {
        _fake.Object("System").Counter("System", "Processor Queue Length", FakePdh.RawCount).Value("System", "Processor Queue Length", "", 3);
        using var table = new PdhTable("System", [new("Processor Queue Length")], null, _session);
        Assert.False(table.Read());
        Assert.Equal("=3", Text(table));
        Assert.True(table.Read());
    }

    [Fact]
    public void Read_NarrowCounter_BeginsAtZeroAndGoesOnGrowingWhereItWraps()
    {
        _fake.Object("O").Counter("O", "count", FakePdh.Count32).Counter("O", "time", FakePdh.AverageTimer, 2_000);
        _fake.At(1).Value("O", "count", "a", 4_294_967_290).Value("O", "time", "a", 5_000, 1).At(2).Value("O", "count", "a", 10).Value("O", "time", "a", 8_000, 2);
        using PdhTable table = Open("O", "count", "time");
        table.Read();
        Assert.Equal((0, 0), (table.ValueOf(0, 0), table.ValueOf(1, 0)));
        table.Read();
        Assert.Equal((16, 1.5), (table.ValueOf(0, 0), table.ValueOf(1, 0)));
    }

    [Fact]
    public void Read_InstanceWithAnotherNameAfterItWrapped_BeginsAtZeroAgain_NotAtTheRawValue()
    {
        _fake.Object("PhysicalDisk").Counter("PhysicalDisk", "c", FakePdh.Count32);
        _fake.At(1).Value("PhysicalDisk", "c", "1 D:", 4_294_967_290).At(2).Value("PhysicalDisk", "c", "1 D:", 1_000_000).At(3).Value("PhysicalDisk", "c", "1 D: E:", 1_000_010).At(4).Value("PhysicalDisk", "c", "1 D: E:", 1_000_020);
        using PdhTable table = Open("PhysicalDisk", "c");
        double?[] values = new double?[4];
        for (int step = 0; step < values.Length; step++)
        {
            table.Read();
            values[step] = table.ValueOf(0, 0);
        }

        Assert.Equal([0, 1_000_006, 0, 10], values);
    }

    [Fact]
    public void Read_TypeThatTakesNoTimeBase_IsNotAskedForOne()
    {
        uint[] types = [FakePdh.RawCount, FakePdh.LargeRawCount, FakePdh.Count64, FakePdh.RawFraction, FakePdh.PrecisionTimer];
        _fake.Object("O").Status("timebase", "", "", FakePdh.InvalidArgument);
        foreach ((int at, uint type) in types.Index()) _fake.Counter("O", $"c{at}", type).Value("O", $"c{at}", "a", 30_000_000, 30_000_000);
        using PdhTable table = Open("O", [.. types.Select(static (_, at) => $"c{at}")]);
        table.Read();
        Assert.Equal([30_000_000, 30_000_000, 30_000_000, 1, 3], types.Select((_, at) => table.ValueOf(at, 0)!.Value));
    }

    [Theory]
    [InlineData(FakePdh.InvalidArgument)]
    [InlineData(FakePdh.InvalidHandle)]
    public void Read_TimeBaseThatIsNeededIsRefused_LeavesThatCounterOutAlone(uint code)
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "t", FakePdh.TickTimer).Value("O", "c", "a", 1).Value("O", "t", "a", 2, 3).Status("timebase", "O", "t", code);
        using PdhTable table = Open("O", "c", "t");
        table.Read();
        Assert.Equal(("a=1", true, false), (Text(table), table.Has(0), table.Has(1)));
    }

    [Fact]
    public void Read_CounterThatComesCannotBeDescribed_IsLookedForAgainAndOneThatCameWithItIsRead()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "good", FakePdh.Timer, isLate: true).Counter("O", "late", FakePdh.Timer, isLate: true);
        _fake.At(1).Value("O", "c", "a", 1).Status("info", "O", "late", FakePdh.InvalidHandle).At(2).Value("O", "c", "a", 1).Value("O", "good", "a", 10_000_000).Value("O", "late", "a", 20_000_000);
        using PdhTable table = Open("O", "c", "good", "late");
        table.Read();
        _time.Advance(PdhRefresh.Pause);
        Assert.Equal(FakePdh.InvalidHandle, Assert.Throws<PdhException>(() => table.Read()).Code);
        Assert.Equal(2, FakePdh.OpenCounters);
        Assert.False(table.Read());
        Assert.Equal(("a=1", false), (Text(table, 1), table.Has(2)));
        _time.Advance(PdhRefresh.Pause * 2);
        table.Read();
        Assert.Equal("a=2", Text(table, 2));
    }

    [Fact]
    public void Read_InstancesComeAndGo_AreRowsAgainstTheirOwnValuesAndKeepWhatIsRememberedOfThem()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.Count32).Counter("O", "d", FakePdh.Count64);
        _fake.At(1).Value("O", "c", "a", 4_294_967_295).Value("O", "c", "b", 2).Value("O", "c", "_Total", 9).Value("O", "d", "b", 20).Value("O", "d", "a", 10);
        _fake.At(2).Value("O", "c", "new", 5).Value("O", "c", "a", 1).Value("O", "d", "a", 11).Value("O", "d", "new", 50);
        using PdhTable table = Open("O", "c", "d");
        Assert.False(table.Read());
        Assert.Equal(("a=0 b=0", "a=10 b=20"), (Text(table), Text(table, 1)));
        Assert.False(table.Read());
        Assert.Equal(("new=0 a=2", "new=50 a=11"), (Text(table), Text(table, 1)));
        Assert.True(table.Read());
    }

    [Fact]
    public void Read_SameNameTwice_GetsANumberInTheOrderOfTheObject()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount);
        foreach ((string name, int value) in ((string, int)[])[("w", 1), ("w", 2), ("w#1", 3), ("w", 4)]) _fake.Value("O", "c", name, value);
        using PdhTable table = Open("O", "c");
        table.Read();
        Assert.Equal("w=1 w#2=2 w#1=3 w#3=4", Text(table));
        Assert.True(table.Read());
    }

    [Fact]
    public void Read_ArrayGrowsBetweenTheTwoCalls_IsReadAllTheSame()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Grow("O", 3);
        for (int i = 0; i < 500; i++) _fake.Value("O", "c", $"instance {i:000}", i);
        using PdhTable table = Open("O", "c");
        table.Read();
        Assert.Equal((500, 499), (table.Rows.Count, table.ValueOf(0, 499)));
        int calls = FakePdh.ArrayCalls;
        table.Read();
        Assert.Equal(4, FakePdh.ArrayCalls - calls); // three that grow, one that gives: the buffer kept its size
    }

    [Fact]
    public void Read_ArrayGrowsWithoutEnd_IsAnErrorAfterABoundedNumberOfCalls()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1).Grow("O", 1_000_000);
        using PdhTable table = Open("O", "c");
        int calls = FakePdh.ArrayCalls;
        Assert.Equal(0x800007D2, Assert.Throws<PdhException>(() => table.Read()).Code);
        Assert.InRange(FakePdh.ArrayCalls - calls, 2, 10);
    }

    [Theory]
    [InlineData(FakePdh.NoData)]
    [InlineData(FakePdh.NegativeDenominator)]
    [InlineData(FakePdh.NegativeTimeBase)]
    [InlineData(FakePdh.NegativeValue)]
    [InlineData(FakePdh.InvalidCounterData)]
    [InlineData(FakePdh.InvalidData)]
    public void Read_BenignStatusOfACounter_IsNoValueOfIt_NotThatOfTheCounterBefore(uint code)
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "d", FakePdh.RawCount).Status("array", "O", "d", code);
        _fake.Value("O", "c", "a", 1).Value("O", "c", "b", 2).Value("O", "d", "a", 3).Value("O", "d", "b", 4);
        using PdhTable table = Open("O", "c", "d");
        table.Read();
        Assert.Equal(("a=1 b=2", "a=- b=-"), (Text(table), Text(table, 1)));
        Assert.True(table.Has(1));
    }

    [Theory]
    [InlineData(FakePdh.NoInstance)]
    [InlineData(FakePdh.InvalidCounterData)]
    [InlineData(FakePdh.InvalidData)]
    public void Read_BenignStatusOfAValue_IsNoValue(uint code)
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1).Value("O", "c", "b", 2, 0, code);
        using PdhTable table = Open("O", "c");
        table.Read();
        Assert.Equal("a=1 b=-", Text(table));
    }

    [Fact]
    public void Read_BadStatusOfAValue_FailsItsSeriesOnly()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1).Value("O", "c", "b", 2, 0, FakePdh.AccessDenied).Value("O", "c", "c", 3, 0, FakePdh.InvalidHandle);
        using PdhTable table = Open("O", "c");
        table.Read();
        var columns = new Columns();
        columns.Shape([new SchemaPart(new Template(NamingRule.OpenTelemetry, ["i"], [new Metric("m", "1", MetricKind.Gauge)]), [["a"], ["b"], ["c"]])]);
        for (int row = 0; row < 3; row++) table.Set(columns, row, table.CellOf(0, row));
        Assert.Equal(Columns.Present, columns.States[0]);
        Assert.Equal((FailureReason.AccessDenied, FailureReason.Error), (Columns.ReasonOf(columns.States[1]), Columns.ReasonOf(columns.States[2])));
    }

    [Fact]
    public void Read_BenignStatusOfTheCollect_IsNoValueAndTheShapeStays()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).At(1).Value("O", "c", "a", 1).At(2).Status("collect", "", "", FakePdh.InvalidData).At(3).Value("O", "c", "a", 3);
        using PdhTable table = Open("O", "c");
        table.Read();
        Assert.True(table.Read());
        Assert.Equal("a=-", Text(table));
        Assert.True(table.Read());
        Assert.Equal("a=3", Text(table));
    }

    [Fact]
    public void Read_LastInstanceGoes_ThereAreNoRows()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).At(1).Value("O", "c", "a", 1).At(2).Value("other", "", "", 0);
        using PdhTable table = Open("O", "c");
        table.Read();
        Assert.False(table.Read());
        Assert.Empty(table.Rows);
        Assert.True(table.Read());
    }

    [Fact]
    public void Read_AccessDeniedWithoutTheRight_NamesTheGroupAndTheCommand()
    {
        _hasRights = false;
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Status("collect", "", "", FakePdh.AccessDenied);
        using PdhTable table = Open("O", "c");
        UnauthorizedAccessException error = Assert.Throws<UnauthorizedAccessException>(() => table.Read());
        Assert.Contains("Performance Monitor Users", error.Message, StringComparison.Ordinal);
        Assert.Contains("net localgroup", error.Message, StringComparison.Ordinal);
        Assert.Contains("0xC0000BDB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("collect", FakePdh.AccessDenied)]
    [InlineData("collect", FakePdh.InvalidHandle)]
    [InlineData("array", FakePdh.AccessDenied)]
    public void Read_FailureWithTheRight_DoesNotNameTheGroup(string call, uint code)
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1).Status(call, "", "", code);
        using PdhTable table = Open("O", "c");
        PdhException error = Assert.Throws<PdhException>(() => table.Read());
        Assert.Equal(code, error.Code);
        Assert.DoesNotContain("Performance Monitor Users", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FakePdh.NoObject)]
    [InlineData(FakePdh.NoCounter)]
    public void Read_NotThere_SaysWhichRightTheAccountLacksWhereItLacksOne(uint code)
    {
        _fake.Object("O").Status("add", "", "", code);
        using PdhTable table = Open("O", "c");
        Assert.DoesNotContain("Performance Monitor Users", Assert.Throws<FileNotFoundException>(() => table.Read()).Message, StringComparison.Ordinal);
        _hasRights = false;
        Assert.Contains("Performance Monitor Users", Assert.Throws<FileNotFoundException>(() => table.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoDataOfACounterWithoutTheRight_IsARefusal()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Status("array", "", "", FakePdh.NoData);
        using PdhTable table = Open("O", "c");
        table.Read();
        _hasRights = false;
        Assert.Contains("Performance Monitor Users", Assert.Throws<UnauthorizedAccessException>(() => table.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoDataForAnAccountWithoutTheRight_IsARefusal()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Status("collect", "", "", FakePdh.NoData);
        using PdhTable table = Open("O", "c");
        table.Read();
        Assert.Empty(table.Rows);
        _hasRights = false;
        Assert.Contains("Performance Monitor Users", Assert.Throws<UnauthorizedAccessException>(() => table.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CounterRights_AreAskedOfTheSystem() => Assert.True(CounterRights.Has());

    [Fact]
    public void Read_AnotherStatus_NamesObjectCounterAndCode()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Status("array", "O", "c", FakePdh.InvalidHandle);
        using PdhTable table = Open("O", "c");
        PdhException error = Assert.Throws<PdhException>(() => table.Read());
        Assert.Equal(("O", "c", FakePdh.InvalidHandle), (error.PerformanceObject, error.Counter, error.Code));
        Assert.Contains(@"\O\c answers 0xC0000BBC", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("add")]
    [InlineData("info")]
    public void Open_Refused_IsAnErrorAndLeavesNothingOpen(string call)
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Status(call, "", "", FakePdh.InvalidHandle);
        Assert.Equal(FakePdh.InvalidHandle, Assert.Throws<PdhException>(() => Open("O", "c")).Code);
    }

    [Fact]
    public void Read_OlderBuild_LeavesTheMissingCounterOut()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1);
        using PdhTable table = Open("O", "new in a later build", "c");
        table.Read();
        Assert.Equal((false, true, "a=1"), (table.Has(0), table.Has(1), Text(table, 1)));
    }

    [Fact]
    public void Read_CounterComesLate_IsFoundByRefreshesEverMoreSeldom()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "late", FakePdh.RawCount, isLate: true).Value("O", "c", "a", 1).Value("O", "late", "a", 2);
        using PdhTable table = Open("O", "c", "late"), never = Open("O", "c", "never");
        int refreshes = FakePdh.Refreshes;
        for (int second = 0; second < 59; second++)
        {
            table.Read();
            never.Read();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((0, false), (FakePdh.Refreshes - refreshes, table.Has(1)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(table.Read());
        Assert.Equal((1, "a=2"), (FakePdh.Refreshes - refreshes, Text(table, 1)));
        for (int second = 0; second < 400; second++)
        {
            table.Read();
            never.Read();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(3, FakePdh.Refreshes - refreshes);
        Assert.False(never.Has(1));
    }

    [Fact]
    public void Read_NothingIsMissing_NeverRefreshes()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1);
        using PdhTable table = Open("O", "c");
        int refreshes = FakePdh.Refreshes;
        for (int minute = 0; minute < 10; minute++)
        {
            table.Read();
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(0, FakePdh.Refreshes - refreshes);
    }

    [Fact]
    public void Read_ObjectComesLate_IsNotHereUntilThen()
    {
        _fake.Object("O", isLate: true).Counter("O", "c", FakePdh.RawCount).Value("O", "c", "a", 1);
        using PdhTable table = Open("O", "c");
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => table.Read());
        Assert.Contains("'O'", error.Message, StringComparison.Ordinal);
        Assert.Contains("0xC0000BB8", error.Message, StringComparison.Ordinal);
        int added = FakePdh.AddCalls;
        Assert.Throws<FileNotFoundException>(() => table.Read());
        Assert.Equal(added, FakePdh.AddCalls);
        _time.Advance(PdhRefresh.Pause);
        Assert.False(table.Read());
        Assert.Equal("a=1", Text(table));
    }

    [Fact]
    public void Read_CounterGoes_IsLeftOutAndComesBack()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "d", FakePdh.RawCount);
        _fake.At(1).Value("O", "c", "a", 1).Value("O", "d", "a", 2).At(2).Value("O", "c", "a", 1).Status("array", "O", "d", FakePdh.NoCounter).At(3).Value("O", "c", "a", 1).Value("O", "d", "a", 3);
        using PdhTable table = Open("O", "c", "d");
        table.Read();
        Assert.False(table.Read());
        Assert.False(table.Has(1));
        Assert.True(table.Read());
        _time.Advance(PdhRefresh.Pause);
        Assert.False(table.Read());
        Assert.Equal("a=3", Text(table, 1));
    }

    [Fact]
    public async Task Read_OneCollectHangs_AnotherTableIsReadMeanwhile()
    {
        string go = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            _fake.Object("O").Counter("O", "c", FakePdh.RawCount).Counter("O", "late", FakePdh.RawCount, isLate: true).Value("O", "c", "a", 1);
            using PdhTable free = Open("O", "c");
            _fake.HangUntil(go, seconds: 60);
            using PdhTable hanging = Open("O", "c");
            Task<bool> hangs = Task.Run(hanging.Read, TestContext.Current.CancellationToken);
            free.Read();
            Assert.Equal("a=1", Text(free));
            Assert.False(hangs.IsCompleted);
            await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
            await hangs;
            Assert.Equal("a=1", Text(hanging));
        }
        finally
        {
            File.Delete(go);
        }
    }

    [Fact]
    public void Read_MoreInstancesThanTheLimit_KeepsTheFirstByName()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.RawCount);
        foreach (string name in (string[])["d", "b", "a", "c"]) _fake.Value("O", "c", name, name[0]);
        using var table = new PdhTable("O", [new("c")], new PdhInstances(static _ => true, 2), _session);
        table.Read();
        Assert.Equal(("b=98 a=97", 2), (Text(table), table.LeftOut));
    }

    [Fact]
    public void Read_NothingChanges_AllocatesNothing()
    {
        _fake.Object("O").Counter("O", "c", FakePdh.Count32).Counter("O", "d", FakePdh.PrecisionTimer);
        for (int i = 0; i < 50; i++) _fake.Value("O", "c", $"instance {i}", i).Value("O", "d", $"instance {i}", i, i);
        using PdhTable table = Open("O", "c", "d", "missing");
        for (int run = 0; run < 10; run++) table.Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int run = 0; run < 10; run++) table.Read();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>A clock that goes on by so much whenever it is looked at.</summary>
    private sealed class SlowTime(TimeSpan step) : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks += step.Ticks;
    }
}
