using System.Net;
using System.Reflection;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

public sealed class ConfigDifferenceTests
{
    private static readonly AgentConfig Now = new() { DataDirectory = "/a" };

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
        IReadOnlyList<PdhObjectConfig> => new List<PdhObjectConfig>(),
        IReadOnlyList<WmiClassConfig> => new List<WmiClassConfig>(),
        null => "x",
        _ => Activator.CreateInstance(typeof(List<>).MakeGenericType(property.PropertyType.GetGenericArguments()[0]))!,
    };
}
