using System.Net;
using System.Reflection;
using Weir.Agent.Collectors.Scraping;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

public sealed class ConfigDifferenceTests
{
    private static readonly AgentConfig Now = new() { DataDirectory = "/a" };

    private const string Everything = """
        interval: 2s
        host: { attributes: { site: berlin, rack: r1 } }
        collectors:
          disk: { interval: 3s, include: [sd*], exclude: [sda] }
          process: { top: 30 }
          pdh:
            objects:
              - name: web
                object: Web Service
                instances: { include: [Default*], exclude: [Old] }
                attributes: { site: berlin, role: web }
                counters: [ { counter: Total Bytes, metric: windows.iis.bytes, unit: By, kind: counter, factor: 2 } ]
          wmi:
            classes:
              - name: disks
                class: Win32_LogicalDisk
                where: DriveType = 3
                properties: [ { property: FreeSpace, metric: windows.disks.free } ]
                attributes: [ { property: DeviceID, attribute: windows.disks.device } ]
          scrape:
            targets:
              - name: app
                url: http://localhost:9100/metrics
                headers: { X-One: a, X-Two: b }
                relabel: [ { source_labels: [__name__, job], regex: 'go_(.*)', target_label: gone, replacement: $1 } ]
        """;

    private static AgentConfig Rich(string yaml = Everything)
    {
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        return config!;
    }

    [Fact]
    public void Equals_CommentsOrderAndBlanks_MeanTheSame()
    {
        string other = $"# a comment\n{Everything}".Replace("site: berlin, rack: r1", "rack: r1,   site: berlin", StringComparison.Ordinal)
            .Replace("site: berlin, role: web", "role: web, site: berlin", StringComparison.Ordinal)
            .Replace("X-One: a, X-Two: b", "X-Two: b, X-One: a", StringComparison.Ordinal)
            .Replace("interval: 3s", "interval: 3000ms", StringComparison.Ordinal);
        Assert.Equal(Rich(), Rich(other));
    }

    [Theory]
    [InlineData("interval: 2s", "interval: 4s")]
    [InlineData("rack: r1", "rack: r2")]
    [InlineData("interval: 3s", "interval: 4s")]
    [InlineData("sd*", "nvme*")]
    [InlineData("[sda]", "[sdb]")]
    [InlineData("top: 30", "top: 31")]
    [InlineData("Default*", "Other*")]
    [InlineData("Old", "New")]
    [InlineData("role: web", "role: db")]
    [InlineData("Total Bytes", "Bytes")]
    [InlineData("factor: 2", "factor: 3")]
    [InlineData("DriveType = 3", "DriveType = 2")]
    [InlineData("FreeSpace", "Size")]
    [InlineData("disks.device", "disks.letter")]
    [InlineData("9100", "9101")]
    [InlineData("X-Two: b", "X-Two: c")]
    [InlineData("job", "instance")]
    [InlineData("go_(.*)", "go(.*)")]
    [InlineData("gone", "went")]
    [InlineData("$1", "$0")]
    public void Equals_AnyValueThatDiffers_MeansAnother(string value, string other)
    {
        string changed = Everything.Replace(value, other, StringComparison.Ordinal);
        Assert.NotEqual(Everything, changed);
        Assert.NotEqual(Rich(), Rich(changed));
    }

    [Fact]
    public void NeedStart_NamesWhatDiffers()
    {
        Assert.Empty(ConfigDifference.NeedStart(Now, Now with { Interval = TimeSpan.FromSeconds(9), HostAttributes = new Dictionary<string, string>() }));
        Assert.Equal(
            ["gateway", "data_directory", "listen", "host.attributes"],
            ConfigDifference.NeedStart(Now, Now with { Gateway = "b:1", DataDirectory = "/b", Listen = new IPEndPoint(IPAddress.Loopback, 9), HostAttributes = new Dictionary<string, string> { ["site"] = "x" } }));
    }

    [Fact]
    public void EveryKey_IsEitherTakenWhileItRunsOrNamed()
    {
        // What an operator cannot change in a file, or uses once.
        string[] others = ["JoinToken", "IsWithoutTls"];
        foreach (PropertyInfo property in typeof(AgentConfig).GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(property => property.CanWrite && !others.Contains(property.Name)))
        {
            AgentConfig next = Now with { };
            property.SetValue(next, Other(property, property.GetValue(Now)));
            bool isTaken = !Equals(property.GetValue(ConfigDifference.Collecting(Now, next)), property.GetValue(Now));
            bool isNamed = ConfigDifference.NeedStart(Now, next).Any();
            Assert.True(isTaken != isNamed, property.Name);
        }
    }

    private static object Other(PropertyInfo property, object? value) => value switch
    {
        string text => text + "x",
        bool flag => !flag,
        int number => number + 1,
        long number => number + 1,
        TimeSpan span => span + TimeSpan.FromSeconds(1),
        Enum choice => Enum.ToObject(choice.GetType(), Convert.ToInt32(choice, System.Globalization.CultureInfo.InvariantCulture) + 1),
        IPEndPoint => new IPEndPoint(IPAddress.Loopback, 1),
        IReadOnlyDictionary<string, string> => new Dictionary<string, string> { ["a"] = "b" },
        IReadOnlyDictionary<string, CollectorConfig> => new Dictionary<string, CollectorConfig> { ["a"] = new() },
        IReadOnlyList<PdhObjectConfig> => new List<PdhObjectConfig> { Rich().PdhObjects[0] },
        IReadOnlyList<WmiClassConfig> => new List<WmiClassConfig> { Rich().WmiClasses[0] },
        IReadOnlyList<ScrapeTarget> => new List<ScrapeTarget> { Rich().ScrapeTargets[0] },
        null => "x",
        _ => throw new ArgumentException(property.Name),
    };
}
