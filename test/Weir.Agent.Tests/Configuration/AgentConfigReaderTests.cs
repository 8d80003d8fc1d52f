using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

public sealed class AgentConfigReaderTests
{
    private static IReadOnlyList<ConfigError> Errors(string yaml)
    {
        Assert.Null(AgentConfigReader.TryRead(new StringReader(yaml), out IReadOnlyList<ConfigError> errors));
        return errors;
    }

    [Fact]
    public void Read_EveryKey()
    {
        AgentConfig? config = AgentConfigReader.TryRead(
            new StringReader("""
                gateway: weir.example.com:7400
                insecure: true
                data_directory: /somewhere
                interval: 500ms
                frame_seconds: 0
                uplink: { metered: true }
                spool_bytes: 64MiB
                log_level: warning
                host: { name: db-1, attributes: { site: berlin } }
                collectors: { disk: { enabled: false }, filesystem: { interval: 1m }, network: { include: [eth*, lo], exclude: eth9 } }
                """),
            out IReadOnlyList<ConfigError> errors);
        Assert.Empty(errors);
        Assert.Equal(("weir.example.com:7400", true, "/somewhere", TimeSpan.FromMilliseconds(500), 0), (config!.Gateway, config.Insecure, config.DataDirectory, config.Interval, config.FrameSeconds));
        Assert.True(config.IsUplinkMetered);
        Assert.Equal((64L << 20, "db-1", "berlin"), (config.SpoolBytes, config.HostName, config.HostAttributes["site"]));
        Assert.Equal(["eth*", "lo"], config.Collectors["network"].Names.Include);
        Assert.Equal(["eth9"], config.Collectors["network"].Names.Exclude);
        Assert.False(config.Collectors["disk"].Enabled);
        Assert.Equal(TimeSpan.FromMinutes(1), config.Collectors["filesystem"].Interval);
    }

    [Theory]
    [InlineData("data: x\nhttp: { listen: 127.0.0.1:7480 }\nstor: {}\ninsecure: true", "line 1: file: 'the server's configuration' is not allowed; allowed: an agent's; 'weir config check' is for such a file")]
    [InlineData("frame_seconds: 500", "line 1: frame_seconds: '500' is not allowed; allowed: a whole number from 0 to 60; write such a number")]
    public void Read_Wrong_IsOneLineThatSaysWhatToDo(string yaml, string line) => Assert.Equal(line, Assert.Single(Errors(yaml)).ToString());

    [Fact]
    public void Read_KeyOfTheServerAmongTheAgents_IsNamedAlone() => Assert.Equal("http", Assert.Single(Errors("interval: 2s\nhttp: {}")).Key);

    [Fact]
    public void Read_Top_IsTheProcessCollectorsAloneAndBounded()
    {
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader("collectors: { process: { top: 7 } }"), out _);
        Assert.Equal((7, CollectorConfig.DefaultTop), (config!.ConfigOf("process").Top, config.ConfigOf("cgroup").Top));
        foreach (string wrong in (string[])["0", "201", "-1", "many"]) Assert.Equal("collectors.process.top", Assert.Single(Errors($"collectors: {{ process: {{ top: {wrong} }} }}")).Key);
        Assert.Equal("collectors.cpu.top", Assert.Single(Errors("collectors: { cpu: { top: 5 } }")).Key);
    }

    [Fact]
    public void Read_JoinToken_IsReadAndNeverShown()
    {
        const string Secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        const string Token = $"weir1.0123456789abcdef.{Secret}.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";
        AgentConfig? config = AgentConfigReader.TryRead(new StringReader($"join_token: {Token}\nenroll_address: weir.example.com:7501\n"), out _);
        Assert.Equal(("0123456789abcdef", "weir.example.com:7501"), (config!.JoinToken!.Id, config.EnrollAddress));
        Assert.Equal(new Uri("https://weir.example.com:7501"), config.EnrollmentUri());
        Assert.DoesNotContain(Secret, config.ToString(), StringComparison.Ordinal);
        ConfigError error = Assert.Single(Errors($"join_token: {Token}x\n"));
        Assert.Contains("weir1.ID.SECRET.PIN", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EnrollmentUri_WithoutAnAddress_IsPort7401OfTheFirstGatewaysHost() =>
        Assert.Equal(new Uri("https://a.example:7401"), new AgentConfig { Gateway = "a.example:7400 b.example:7400" }.EnrollmentUri());

    [Fact]
    public void Read_SeveralMistakes_AreAllNamedWithLineAndCure()
    {
        IReadOnlyList<ConfigError> errors = Errors("""
            gatway: x
            interval: 50ms
            frame_seconds: 61
            collectors:
              cpus: { enabled: true }
              disk: { enabled: perhaps }
            data_dir: /var/lib/weir
            in: 1s
            """);
        Assert.Equal([1, 2, 3, 5, 6, 7, 8], errors.Select(static error => error.Line));
        Assert.Contains("did you mean gateway?", errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("100ms to 1h", errors[1].ToString(), StringComparison.Ordinal);
        Assert.Contains("did you mean cpu?", errors[3].ToString(), StringComparison.Ordinal);
        Assert.Contains("did you mean data_directory?", errors[5].ToString(), StringComparison.Ordinal);
        Assert.Contains("remove it", errors[6].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("- a\n- b")]
    [InlineData("a: [")]
    [InlineData("interval: 1s\ninterval: 2s")]
    [InlineData("gateway: nowhere")]
    [InlineData("spool_bytes: 1KiB")]
    [InlineData("enroll_address: nowhere")]
    [InlineData("uplink: { metred: true }")]
    [InlineData("uplink: { metered: seldom }")]
    [InlineData("host: { attributes: { host.name: x } }")]
    [InlineData("---\na: 1\n---\nb: 2")]
    public void Read_WhatIsNotAConfiguration_IsRefused(string yaml) => Assert.NotEmpty(Errors(yaml));
}
