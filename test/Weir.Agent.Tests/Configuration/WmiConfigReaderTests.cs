using Weir.Agent.Configuration;
using Weir.Frames;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Configuration;

public sealed class WmiConfigReaderTests
{
    private const string Good = """
        collectors:
          wmi:
            classes:
              - name: disks
                class: Win32_LogicalDisk
                where: DriveType = 3
                properties: [ { property: FreeSpace, metric: windows.logical_disk.free, unit: By } ]
                attributes: [ { property: DeviceID, attribute: system.device } ]
                interval: 15s
        """;

    private static AgentConfig Read(string yaml)
    {
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        return config!;
    }

    private static ConfigError ErrorOf(string yaml)
    {
        Assert.Null(AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors));
        return Assert.Single(errors);
    }

    [Fact]
    public void Read_Class_WithItsDefaults()
    {
        WmiClassConfig config = Assert.Single(Read(Good).WmiClasses);
        Assert.Equal(("disks", @"root\cimv2", "Win32_LogicalDisk", "DriveType = 3", TimeSpan.FromSeconds(15)), (config.Name, config.Namespace, config.ClassName, config.Where, config.Interval));
        Assert.Equal(new WmiPropertyConfig("FreeSpace", new Metric("windows.logical_disk.free", "By", MetricKind.Gauge)), Assert.Single(config.Properties));
        Assert.Equal(new WmiAttributeConfig("DeviceID", "system.device"), Assert.Single(config.Attributes));
    }

    [Theory]
    [InlineData("class: Win32_LogicalDisk", "class: Win32_PerfRawData_PerfOS_System", "which block for half a minute")]
    [InlineData("class: Win32_LogicalDisk", "class: CIM_StatisticalInformation", "which block for half a minute")]
    [InlineData("class: Win32_LogicalDisk", "class: Win32_LogicalDisk WHERE", "letters, digits and underscores")]
    [InlineData("property: FreeSpace", "property: 'FreeSpace, Size'", "letters, digits and underscores")]
    [InlineData("property: DeviceID", "property: '*'", "letters, digits and underscores")]
    [InlineData("where:", @"namespace: \\other\root\cimv2 #", "a namespace of this machine")]
    [InlineData("where: DriveType = 3", "where: [DriveType]", "a WQL condition")]
    [InlineData("interval: 15s", "interval: 14s", "15s to 1h")]
    [InlineData("interval: 15s", "intervall: 15s", "did you mean interval?")]
    [InlineData("metric: windows.logical_disk.free", "metric: system.cpu.time", "that no collector of the agent and no object of collectors.pdh has")]
    [InlineData("metric: windows.logical_disk.free", "metric: Free Space", "lower-case words")]
    [InlineData("attribute: system.device", "attribute: host.name", "not of the host itself")]
    [InlineData("unit: By", "unit: B y", "a unit without blanks")]
    [InlineData("unit: By", "kind: rate", "gauge, counter")]
    [InlineData("name: disks", "name: Disks", "lower-case letters")]
    [InlineData("name: disks", "namespace: root", "the key is needed")]
    [InlineData("metric: windows.logical_disk.free, ", "", "the key is needed")]
    public void Read_WhatIsWrong_IsNamedWithWhatIsAllowed(string from, string to, string allowed)
    {
        string yaml = Good.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(Good, yaml);
        ConfigError error = ErrorOf(yaml);
        Assert.Contains(allowed, error.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("collectors.wmi.classes[0]", error.Key, StringComparison.Ordinal);
        Assert.InRange(error.Line, 4, 9);
    }

    [Fact]
    public void Read_NameOrMetricTwice_IsRefusedAtTheSecond()
    {
        string second = string.Join('\n', Good.Split('\n').Skip(3));
        AgentConfigReader.TryRead(new StringReader($"{Good}\n{second}"), out IReadOnlyList<ConfigError> errors);
        Assert.Equal(["collectors.wmi.classes[1].name", "collectors.wmi.classes[1].properties[0].metric"], errors.Select(static error => error.Key));
        Assert.Equal(2, Read($"{Good}\n{second.Replace("name: disks", "name: more", StringComparison.Ordinal).Replace("disk.free", "disk.more", StringComparison.Ordinal)}").WmiClasses.Count);
    }

    [Fact]
    public void Read_MetricThatAPerformanceObjectHas_IsRefused()
    {
        const string Pdh = "\n  pdh:\n    objects: [ { name: a, object: O, counters: [ { counter: C, metric: windows.logical_disk.free } ] } ]";
        ConfigError error = ErrorOf(Good + Pdh);
        Assert.Equal(("collectors.wmi.classes[0].properties[0].metric", 7), (error.Key, error.Line));
        Assert.Contains("windows.logical_disk.free", error.ToString(), StringComparison.Ordinal);
        Assert.Single(Read(Good + Pdh.Replace("disk.free", "disk.used", StringComparison.Ordinal)).PdhObjects);
    }

    [Fact]
    public void Read_MoreThanMay_IsRefused()
    {
        string Classes(int count) => "collectors:\n  wmi:\n    classes:\n" + string.Concat(Enumerable.Range(0, count).Select(static i => $"      - {{ name: n{i}, class: C, properties: [ {{ property: P, metric: test.m{i} }} ] }}\n"));
        Assert.Equal(32, Read(Classes(32)).WmiClasses.Count);
        Assert.Contains("at most 32 classes", ErrorOf(Classes(33)).ToString(), StringComparison.Ordinal);
        string properties = string.Join(", ", Enumerable.Range(0, 33).Select(static i => $"{{ property: P, metric: test.m{i} }}"));
        Assert.Contains("at most 32 properties", ErrorOf($"collectors: {{ wmi: {{ classes: [ {{ name: n, class: C, properties: [ {properties} ] }} ] }} }}").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Reference_configuration_has_an_example_that_is_right()
    {
        string[] lines = File.ReadAllLines(RepositoryRoot.Combine("docs", "weir-agent.reference.yaml"));
        string[] example = [.. lines.SkipWhile(static line => line.Trim() != "wmi:").Skip(1).TakeWhile(static line => line.StartsWith("    ", StringComparison.Ordinal)).Select(static line => line.Replace("    # ", "    ", StringComparison.Ordinal))];
        WmiClassConfig config = Assert.Single(Read($"collectors:\n  wmi:\n{string.Join('\n', example)}").WmiClasses);
        Assert.Equal(("Win32_LogicalDisk", WmiClassConfig.DefaultInterval, WmiClassConfig.DefaultNamespace), (config.ClassName, config.Interval, config.Namespace));
        Assert.Equal(["FreeSpace", "Size"], config.Properties.Select(static property => property.Property));
    }
}
