using System.Text;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Systemd;

/// <summary>Units by a scripted systemctl.</summary>
public sealed class SystemdCollectorTests
{
    private const string Text = """
        Id=ssh.service
        LoadState=loaded
        ActiveState=active
        NRestarts=3

        Id=broken.service
        LoadState=loaded
        ActiveState=failed
        NRestarts=0

        Id=gone.service
        LoadState=not-found
        ActiveState=inactive

        Id=daily.timer
        LoadState=loaded
        ActiveState=active

        """;

    private readonly Columns _columns = new();

    private Dictionary<string, double> Collect(SystemdCollector collector)
    {
        _columns.Clear();
        collector.Collect(_columns);
        if (_columns.Count == 0) return [];
        var schema = new Schema(_columns.Parts);
        return Enumerable.Range(0, schema.SeriesCount).ToDictionary(series => $"{schema.MetricOf(series).Name}{{{string.Join(',', schema.AttributesOf(series).Select(static a => a.Value))}}}", series => _columns.Values[series]);
    }

    private static Unit[] Parse(string text, NamePatterns? names = null) => UnitTable.Parse(Encoding.UTF8.GetBytes(text), names ?? NamePatterns.None, out _);

    [Fact]
    public void Collect_Services_HaveStateRestartsAndCounts()
    {
        using var script = new ScriptedProgram("cat \"$HERE/out\"") { ["out"] = Text };
        using var collector = new SystemdCollector(CollectorContext.Default, script.Program, script.Folder);
        Dictionary<string, double> values = Collect(collector);
        Assert.Equal((1, 5), (values["system.linux.systemd.unit.state{ssh.service}"], values["system.linux.systemd.unit.state{broken.service}"]));
        Assert.Equal((3, 0), (values["system.linux.systemd.unit.restarts{ssh.service}"], values["system.linux.systemd.unit.restarts{broken.service}"]));
        Assert.Equal((1, 1, 0), (values["system.linux.systemd.unit.count{failed}"], values["system.linux.systemd.unit.count{active}"], values["system.linux.systemd.unit.count{inactive}"]));
        Assert.Equal(7 + 2 + 2, values.Count);
        Assert.EndsWith("*.service", Assert.Single(script.Calls), StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_UnitThatFails_KeepsItsSeries()
    {
        using var script = new ScriptedProgram("cat \"$HERE/out\"") { ["out"] = Text };
        using var collector = new SystemdCollector(CollectorContext.Default, script.Program, script.Folder);
        Collect(collector);
        IReadOnlyList<SchemaPart> shape = _columns.Parts;
        script["out"] = Text.Replace("=active", "=failed", StringComparison.Ordinal);
        Dictionary<string, double> values = Collect(collector);
        Assert.Same(shape, _columns.Parts);
        Assert.Equal((5, 2), (values["system.linux.systemd.unit.state{ssh.service}"], values["system.linux.systemd.unit.count{failed}"]));
    }

    [Fact]
    public void Collect_WhereSystemdDoesNotRun_IsNotHereAndStartsNothing()
    {
        using var script = new ScriptedProgram("exit 1");
        using var collector = new SystemdCollector(CollectorContext.Default, script.Program, "/nowhere/systemd");
        Assert.Throws<DirectoryNotFoundException>(() => collector.Collect(_columns));
        Assert.Throws<FileNotFoundException>(() => script.Calls);
    }

    [Fact]
    public void Collect_ProgramThatFails_SaysWhatItSaid()
    {
        using var script = new ScriptedProgram("echo 'Failed to connect to bus' >&2; exit 4");
        using var collector = new SystemdCollector(CollectorContext.Default, script.Program, script.Folder);
        string message = Assert.Throws<IOException>(() => collector.Collect(_columns)).Message;
        Assert.Contains("ended with 4: Failed to connect to bus", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_EndlessOutput_IsRefused()
    {
        using var script = new ScriptedProgram("exec head -c 5000000 /dev/zero");
        using var collector = new SystemdCollector(CollectorContext.Default, script.Program, script.Folder);
        Assert.Contains("more than", Assert.Throws<IOException>(() => collector.Collect(_columns)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Collect_MissingProgram_IsNotHere()
    {
        using var script = new ScriptedProgram("");
        using var collector = new SystemdCollector(CollectorContext.Default, "/nowhere/systemctl", script.Folder);
        Assert.Throws<FileNotFoundException>(() => collector.Collect(_columns));
    }

    [Fact]
    public void Parse_Patterns_IncludeOtherKindsAndExclude()
    {
        Assert.Equal(["daily.timer", "ssh.service"], Parse(Text, new NamePatterns(["*.timer", "ssh.*"], [])).Select(static unit => unit.Name));
        Assert.Equal(["broken.service"], Parse(Text, new NamePatterns([], ["ssh*"])).Select(static unit => unit.Name));
        Assert.Null(Parse(Text, new NamePatterns(["*.timer"], []))[0].Restarts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n")]
    [InlineData("Id=\nActiveState=\n")]
    [InlineData("ActiveState=active\n")]
    [InlineData("Id=a.service\n")]
    [InlineData("no line\n=\n==\nId\n")]
    public void Parse_WhatNamesNoUnit_IsPassedOver(string text) => Assert.Empty(Parse(text));

    [Fact]
    public void Parse_OddValues_AreTakenAsTheyCanBe()
    {
        Unit[] units = Parse("Id=a.service\nActiveState=refreshing\nNRestarts=[not set]\n\nId=b.service\nActiveState=maintenance\nNRestarts=7\n\nId=b.service\nActiveState=active");
        Assert.Equal([new Unit("a.service", 2, null), new Unit("b.service", 6, 7)], units);
    }

    [Fact]
    public void Parse_MoreThanTheMost_CountsTheRest()
    {
        string text = string.Concat(Enumerable.Range(0, UnitTable.MaxUnits + 7).Select(static i => $"Id=u{i}.service\nActiveState=active\n\n"));
        Assert.Equal(UnitTable.MaxUnits, UnitTable.Parse(Encoding.UTF8.GetBytes(text), NamePatterns.None, out int beyond).Length);
        Assert.Equal(7, beyond);
    }
}
