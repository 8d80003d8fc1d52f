using Weir.Agent.Configuration;
using Weir.Agent.Tests.Collectors;

namespace Weir.Agent.Tests.Configuration;

public sealed class ConfigWatchTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly List<TimeSpan> _applied = [];
    private readonly List<string> _refused = [];
    private readonly RecordedLog _log = new();
    private readonly ConfigWatch _watch;
    private DateTime _written = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public ConfigWatchTests()
    {
        Write("interval: 1s");
        _watch = new ConfigWatch(_path, Load(TextWriter.Null)!, Load, config => _applied.Add(config.Interval), TimeProvider.System, _log);
    }

    public void Dispose() => File.Delete(_path);

    private AgentConfig? Load(TextWriter problems)
    {
        AgentConfig? config = AgentConfigReader.TryReadFile(_path, out IReadOnlyList<ConfigError> errors);
        foreach (ConfigError error in errors)
        {
            problems.WriteLine(error);
            _refused.Add(error.ToString());
        }

        return config;
    }

    // Each with a time of its own, whatever the file system's clock resolves.
    private void Write(string text)
    {
        File.WriteAllText(_path, text);
        File.SetLastWriteTimeUtc(_path, _written = _written.AddSeconds(1));
    }

    [Fact]
    public void Look_Unchanged_AppliesNothing()
    {
        for (int look = 0; look < 3; look++) _watch.Look();
        Assert.Empty(_applied);
    }

    [Fact]
    public void Look_Changed_IsTakenOnceItStandsStill()
    {
        Write("interval: 2s");
        _watch.Look();
        Assert.Empty(_applied);
        Write("interval: 3s");
        _watch.Look();
        Assert.Empty(_applied);
        _watch.Look();
        _watch.Look();
        Assert.Equal([TimeSpan.FromSeconds(3)], _applied);
    }

    [Fact]
    public void Look_ChangedToSomethingWrong_KeepsTheLastGoodAndTakesTheNextGoodOne()
    {
        Write("interval: never");
        for (int look = 0; look < 3; look++) _watch.Look();
        Assert.Empty(_applied);
        Assert.Contains("interval", Assert.Single(_refused), StringComparison.Ordinal);
        Assert.Equal($"1022 A changed configuration is not taken, the one before it stays: {_refused[0]}", Assert.Single(_log.Lines));
        Write("interval: 5s");
        for (int look = 0; look < 2; look++) _watch.Look();
        Assert.Equal([TimeSpan.FromSeconds(5)], _applied);
    }

    [Theory]
    [InlineData("")]
    [InlineData("join_token: weir1.0123456789abcdef.AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA")]
    public void Look_ChangedWithTheSameMeaning_SaysSoAndAppliesNothing(string token)
    {
        Write($"interval: 1s\n{token}\n# a comment");
        for (int look = 0; look < 3; look++) _watch.Look();
        Write($"# another\n{token}\ninterval: 1000ms");
        for (int look = 0; look < 3; look++) _watch.Look();
        Assert.Empty(_applied);
        Assert.Equal(Enumerable.Repeat($"1028 The configuration has changed and means the same, nothing changes: {_path}", 2), _log.Lines);
    }

    [Fact]
    public void Look_FileIsGone_SaysSoOnceAndTakesOneThatComesBack()
    {
        File.Delete(_path);
        for (int look = 0; look < 4; look++) _watch.Look();
        Assert.Equal([$"1029 The configuration is gone, the one before it stays: {_path}"], _log.Lines);
        Write("interval: 7s");
        for (int look = 0; look < 2; look++) _watch.Look();
        Assert.Equal([TimeSpan.FromSeconds(7)], _applied);
    }

    [Fact]
    public void Look_FileIsAwayForAMoment_HasNotChanged()
    {
        File.Move(_path, _path + ".away");
        for (int look = 0; look < 3; look++) _watch.Look();
        File.Move(_path + ".away", _path);
        for (int look = 0; look < 3; look++) _watch.Look();
        Assert.Empty(_applied);
    }
}
