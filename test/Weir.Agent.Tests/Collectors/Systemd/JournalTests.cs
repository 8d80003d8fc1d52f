using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Systemd;

/// <summary>Records of the journal, by lines and by a scripted journalctl.</summary>
public sealed class JournalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly Columns _columns = new();

    private static string Line(string unit, int priority, string cursor = "s=1") =>
        $$"""{"__CURSOR":"{{cursor}}","__REALTIME_TIMESTAMP":"1","_SYSTEMD_UNIT":"{{unit}}","PRIORITY":"{{priority}}"}""" + "\n";

    private JournalCollector Make(ScriptedProgram script) => new(CollectorContext.Default with { Time = _time }, script.Program);

    private static Dictionary<string, double> Values(Columns columns)
    {
        var schema = new Schema(columns.Parts);
        return Enumerable.Range(0, schema.SeriesCount).Where(series => columns.Values[series] > 0)
            .ToDictionary(series => string.Join(',', schema.AttributesOf(series).Select(static a => a.Value)), series => columns.Values[series]);
    }

    private static Dictionary<string, double> Count(JournalCounts counts)
    {
        var columns = new Columns();
        string[] units = counts.Units;
        columns.Shape([new SchemaPart(Templates.JournalRecords, [.. units.SelectMany(static unit => JournalCounts.Priorities.Select(priority => (string[])[unit, priority]))])]);
        counts.Write(columns, units.Length);
        return Values(columns);
    }

    private static JournalCounts Taken(string text, NamePatterns? names = null, int step = int.MaxValue)
    {
        var counts = new JournalCounts(names ?? NamePatterns.None);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        for (int at = 0; at < bytes.Length; at += Math.Min(step, bytes.Length)) counts.Take(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
        return counts;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void Take_LinesCutAnywhere_AreCounted(int step)
    {
        JournalCounts counts = Taken(Line("a.service", 3) + Line("a.service", 3) + Line("b.service", 6, "s=9") + "{\"_TRANSPORT\":\"kernel\",\"PRIORITY\":\"4\"}\n{}\n{\"_SYSTEMD_UNIT\":\"half", step: step);
        Assert.Equal(new Dictionary<string, double> { ["a.service,err"] = 2, ["b.service,info"] = 1, ["kernel,warning"] = 1, ["none,info"] = 1 }, Count(counts));
        Assert.Equal((0, "s=9"), (counts.Refused, counts.Cursor));
    }

    [Fact]
    public void Take_OddFields_ArePassedOver()
    {
        JournalCounts counts = Taken("{\"PRIORITY\":null,\"_SYSTEMD_UNIT\":[\"a\",\"b\"]}\n{\"PRIORITY\":\"12\",\"_SYSTEMD_UNIT\":{\"x\":1}}\n{\"PRIORITY\":3}\n");
        Assert.Equal(new Dictionary<string, double> { ["none,info"] = 3 }, Count(counts));
    }

    [Fact]
    public void Take_WhatIsNoRecord_IsRefusedAndTheNextCounts()
    {
        JournalCounts counts = Taken("\nnonsense\n{\"a\":\n[]\n\"x\"\n{\"a\":1} trailing\n" + new string('x', (2 * JournalCounts.MaxLineBytes) + 5) + "\n" + Line("a.service", 0));
        Assert.Equal(new Dictionary<string, double> { ["a.service,emerg"] = 1 }, Count(counts).Where(static pair => pair.Key.StartsWith("a.", StringComparison.Ordinal)).ToDictionary());
        Assert.InRange(counts.Refused, 6, 7);
    }

    [Fact]
    public void Take_MoreUnitsThanTheMost_CountAsOther()
    {
        JournalCounts counts = Taken(string.Concat(Enumerable.Range(0, JournalCounts.MaxUnits + 10).Select(static i => Line($"u{i}.service", 6))));
        Dictionary<string, double> values = Count(counts);
        Assert.Equal(10, values["other,info"]);
        Assert.Equal(JournalCounts.MaxUnits + 1, values.Count);
    }

    [Fact]
    public void Take_ExcludedUnit_CountsAsOther()
    {
        Assert.Equal(new Dictionary<string, double> { ["b.service,info"] = 1, ["other,info"] = 1 }, Count(Taken(Line("a.service", 6) + Line("b.service", 6), new NamePatterns([], ["a.*"]))));
        Assert.Equal(new Dictionary<string, double> { ["a.service,info"] = 1, ["other,info"] = 1 }, Count(Taken(Line("a.service", 6) + Line("b.service", 6), new NamePatterns(["a.*"], []))));
    }

    [Fact]
    public void Take_UnitWithEscapes_CountsUnderItsOwnName()
    {
        JournalCounts counts = Taken(Line(@"systemd-fsck@dev-disk-by\\x2duuid-1.service", 3) + Line(@"a\u0040b.service", 3, @"s=\u0031") + Line(@"half\ud800.service", 3));
        Assert.Equal(new Dictionary<string, double> { [@"systemd-fsck@dev-disk-by\x2duuid-1.service,err"] = 1, ["a@b.service,err"] = 1 }, Count(counts));
        Assert.Equal((1, "s=1"), (counts.Refused, counts.Cursor));
    }

    [Fact]
    public void Take_KnownUnits_AllocatesNothing()
    {
        JournalCounts counts = Taken(Line("a.service", 6));
        byte[] line = Encoding.UTF8.GetBytes(Line("a.service", 6));
        counts.Take(line);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) counts.Take(line);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Collect_ProgramThatEnds_IsStartedAgainBehindTheLastRecordAfterAPause()
    {
        using var script = new ScriptedProgram("cat \"$HERE/out\"; echo bye >&2; exit 3") { ["out"] = Line("a.service", 3, "s=7;i=1") };
        using JournalCollector collector = Make(script);
        collector.Collect(_columns);
        Assert.True(collector.Child!.WaitForEnd(Patience));
        Assert.Contains("ended: bye", Assert.Throws<IOException>(() => collector.Collect(_columns)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => collector.Collect(_columns));
        Assert.Single(script.Calls);
        _time.Advance(TimeSpan.FromSeconds(1));
        collector.Collect(_columns);
        Assert.Equal(new Dictionary<string, double> { ["a.service,err"] = 1 }.Keys, Values(_columns).Keys);
        Assert.True(collector.Child!.WaitForEnd(Patience));
        Assert.EndsWith("--lines=0", script.Calls[0], StringComparison.Ordinal);
        Assert.EndsWith("--after-cursor=s=7;i=1", script.Calls[1], StringComparison.Ordinal);
        // The second pause is twice as long.
        Assert.Throws<IOException>(() => collector.Collect(_columns));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Throws<IOException>(() => collector.Collect(_columns));
        _time.Advance(TimeSpan.FromSeconds(1));
        collector.Collect(_columns);
        Assert.True(collector.Child!.WaitForEnd(Patience));
        Assert.Equal(3, script.Calls.Length);
    }

    [Fact]
    public void Collect_WithoutTheRight_IsAccessDenied()
    {
        using var script = new ScriptedProgram("echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1");
        using JournalCollector collector = Make(script);
        // Whether the first tick sees it already is left open: it starts the program, and waits for nothing.
        _ = Record.Exception(() => collector.Collect(_columns));
        Assert.True(collector.Child!.WaitForEnd(Patience));
        Assert.Throws<UnauthorizedAccessException>(() => collector.Collect(_columns));
    }

    [Fact]
    public void Collect_MissingProgram_IsNotHere()
    {
        using var collector = new JournalCollector(CollectorContext.Default with { Time = _time }, "/nowhere/journalctl");
        Assert.Throws<FileNotFoundException>(() => collector.Collect(_columns));
    }

    [Fact]
    public void Dispose_KillsTheProgram()
    {
        using var script = new ScriptedProgram("echo $$ > \"$HERE/pid.new\"; mv \"$HERE/pid.new\" \"$HERE/pid\"; exec sleep 600");
        JournalCollector collector = Make(script);
        collector.Collect(_columns);
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(script.Folder, "pid")), Patience));
        using var child = Process.GetProcessById(int.Parse(script["pid"], CultureInfo.InvariantCulture));
        collector.Dispose();
        Assert.True(child.WaitForExit(Patience));
    }
}
