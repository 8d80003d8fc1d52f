using Weir.Agent.Configuration;
using Weir.TestKit.Processes;

namespace Weir.Agent.Tests.Configuration;

/// <summary>The presets that ship are configurations as they stand, and go together.</summary>
public sealed class PdhPresetTests
{
    public static TheoryData<string> Presets() => [.. Directory.EnumerateFiles(RepositoryRoot.Combine("deploy", "windows", "presets"), "*.yaml").Select(static path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Preset_IsAConfigurationThatNamesObjects(string preset)
    {
        AgentConfig? config = AgentConfigReader.TryReadFile(RepositoryRoot.Combine("deploy", "windows", "presets", preset), out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        Assert.NotEmpty(config!.PdhObjects);
        Assert.All(config.PdhObjects, static each => Assert.NotEmpty(each.Counters));
    }

    [Fact]
    public void Presets_Together_ShareNoNameAndNoMetric()
    {
        PdhObjectConfig[] all = [.. Presets().SelectMany(static row => AgentConfigReader.TryReadFile(RepositoryRoot.Combine("deploy", "windows", "presets", row.Data), out _)!.PdhObjects)];
        Assert.Equal(all.Length, all.Select(static each => each.Name).Distinct().Count());
        string[] metrics = [.. all.SelectMany(static each => each.Counters).Select(static counter => counter.Metric.Name)];
        Assert.Equal(metrics.Length, metrics.Distinct().Count());
    }
}
