using System.Net;
using Weir.Agent.Configuration;
using Weir.Server.Configuration;
using Weir.Server.Hosting;

namespace Weir.Server.Tests;

public sealed class ServerConfigReaderTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-config-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private ServerConfig Read(string yaml, ServerArguments? arguments = null)
    {
        string path = Path.Combine(_work, "weir.yaml");
        File.WriteAllText(path, yaml);
        return ServerConfigReader.Read((arguments ?? None) with { ConfigFile = new FileInfo(path) });
    }

    private static ServerArguments None { get; } = new(null, null, null, [], false);

    private IReadOnlyList<string> Problems(string yaml, ServerArguments? arguments = null)
    {
        StartupException error = Assert.Throws<StartupException>(() => Read(yaml, arguments));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        return error.Problems;
    }

    private static string Root()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Weir.slnx"))) directory = Path.GetDirectoryName(directory)!;
        return directory;
    }

    // Records compare by value; the lists in them do not.
    private static void AssertDefaults(ServerConfig config)
    {
        var defaults = new ServerConfig();
        Assert.Equal(defaults.Grpc, config.Grpc);
        Assert.Equal(defaults.HttpHosts, config.HttpHosts);
        Assert.Equal(defaults.CertificateNames, config.CertificateNames);
        Assert.Equal(defaults, config with { Grpc = defaults.Grpc, HttpHosts = defaults.HttpHosts, CertificateNames = defaults.CertificateNames });
    }

    [Fact]
    public void Read_Nothing_IsTheDefaults() => AssertDefaults(Read(""));

    [Fact]
    public void Read_ReferenceFile_IsTheDefaultsAndHasEveryKey()
    {
        var file = new FileInfo(Path.Combine(Root(), "docs", "weir.reference.yaml"));
        AssertDefaults(ServerConfigReader.Read(None with { ConfigFile = file }));
        string text = File.ReadAllText(file.FullName);
        foreach (string key in (string[])["data", "listen", "hosts", "tls", "streams_per_connection", "stream_window", "connection_window", "certificate_lifetime", "names", "insecure", "enabled", "retention", "retention_bytes", "horizon_ahead", "horizon_back", "uploads", "max_bytes", "max_bytes_per_agent", "abandon_after", "keep"])
            Assert.Contains($"{key}:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EveryKey()
    {
        ServerConfig config = Read("""
            data: /somewhere
            http: { listen: "localhost:1", hosts: weir.example metrics.example }
            grpc: { listen: "127.0.0.1:2 127.0.0.1:3", tls: true }
            enroll: { listen: "127.0.0.1:4", certificate_lifetime: 1h, names: weir.example 192.0.2.1 }
            insecure: true
            agent: { enabled: false }
            store: { retention: off, retention_bytes: 1GiB }
            gate: { horizon_ahead: 1h, horizon_back: off }
            uploads: { max_bytes: 10GiB, max_bytes_per_agent: 5GiB, abandon_after: 1d, keep: 2d }
            """);
        Assert.Equal((10L << 30, 5L << 30, TimeSpan.FromDays(1), TimeSpan.FromDays(2)), (config.Uploads.MaxBytes, config.Uploads.MaxBytesPerAgent, config.Uploads.AbandonAfter, config.Uploads.Keep));
        Assert.Equal(("/somewhere", new IPEndPoint(IPAddress.Loopback, 1), true, false), (config.DataDirectory, config.Http, config.Insecure, config.AgentEnabled));
        Assert.Equal((true, new IPEndPoint(IPAddress.Loopback, 4), TimeSpan.FromHours(1)), (config.Tls, config.Enroll, config.CertificateLifetime));
        Assert.Equal(["weir.example", "192.0.2.1"], config.CertificateNames);
        Assert.Equal([2, 3], config.Grpc.Select(static endPoint => endPoint.Port));
        Assert.Equal(["weir.example", "metrics.example"], config.HttpHosts);
        Assert.Equal(((TimeSpan?)null, 1L << 30), (config.Store.RetentionAge, config.Store.RetentionBytes));
        Assert.Equal(((TimeSpan?)TimeSpan.FromHours(1), (TimeSpan?)null), (config.Horizon.Ahead, config.Horizon.Back));
    }

    [Fact]
    public void Read_HorizonBack_FollowsTheRetention() => Assert.Equal(TimeSpan.FromDays(30), Read("store: { retention: 30d }").Horizon.Back);

    [Fact]
    public void Read_Arguments_WinOverTheFile()
    {
        ServerConfig config = Read("data: a\nhttp: { listen: 127.0.0.1:1 }", None with { Data = "b", Http = "[::1]:0", Grpc = ["127.0.0.1:5", "127.0.0.1:6"] });
        Assert.Equal(("b", new IPEndPoint(IPAddress.IPv6Loopback, 0), 2), (config.DataDirectory, config.Http, config.Grpc.Count));
    }

    [Fact]
    public void Read_SeveralMistakes_AreNamedAtOnceWithLineAndCure()
    {
        IReadOnlyList<string> problems = Problems("""
            dta: x
            store:
              retention: soon
              retention_bytes: 1
            http: { listen: 7480 }
            agent: { enabled: maybe }
            """);
        Assert.Equal(5, problems.Count);
        Assert.Contains("line 1", problems[0], StringComparison.Ordinal);
        Assert.Contains("did you mean data?", problems[0], StringComparison.Ordinal);
        Assert.Contains("store.retention: 'soon'", problems[1], StringComparison.Ordinal);
        Assert.Contains("64MiB", problems[2], StringComparison.Ordinal);
        Assert.Contains("http.listen", problems[3], StringComparison.Ordinal);
        Assert.Contains("true or false", problems[4], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AnAgentsFile_IsOneLineThatNamesTheCommandForIt() => Assert.EndsWith(
        "line 1: file: 'an agent's configuration' is not allowed; allowed: the server's; 'weir-agent config check' is for such a file",
        Assert.Single(Problems("gateway: 127.0.0.1:7400\ncollectors: { cpu: { interval: 1s } }\nuplnk: {}\n")), StringComparison.Ordinal);

    [Fact]
    public void ServerKeys_AreThoseThatTheReaderAsksFor()
    {
        var asked = new ConfigNode("", ConfigKind.Section);
        ServerConfigReader.Read(YamlDocument.Load(TextReader.Null, [], asked));
        Assert.Equal(AgentConfigReader.ServerKeys.Order(), asked.Children.Select(static key => key.Key).Order());
    }

    [Fact]
    public void Read_CertificateThatWouldEndBeforeItsStreamsDrain_IsRefused()
    {
        string problem = Assert.Single(Problems("enroll: { certificate_lifetime: 1m }"));
        Assert.Contains("enroll.certificate_lifetime: '1m'", problem, StringComparison.Ordinal);
        Assert.Contains("2m to 720h", problem, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(2), Read("enroll: { certificate_lifetime: 2m }").CertificateLifetime);
    }

    [Fact]
    public void Read_HttpListenerBeyondLoopback_NeedsInsecure()
    {
        const string Yaml = "http: { listen: \"0.0.0.0:7480\" }";
        Assert.Contains("--insecure", Assert.Single(Problems(Yaml)), StringComparison.Ordinal);
        Read(Yaml, None with { Insecure = true });
    }

    [Theory]
    [InlineData("127.0.0.1:7400", false, false, false)]
    [InlineData("127.0.0.1:7400", false, true, true)]
    [InlineData("192.0.2.1:7400", false, false, true)]
    [InlineData("192.0.2.1:7400", true, false, false)]
    [InlineData("192.0.2.1:7400", true, true, true)]
    public void IsTls_BeyondLoopbackUnlessInsecure_AndEverywhereWhenSaid(string grpc, bool insecure, bool tls, bool expected)
    {
        ServerConfig config = Read("", None with { Grpc = [grpc], Insecure = insecure, Tls = tls });
        Assert.Equal(expected, config.IsTls(config.Grpc[0]));
    }

    [Fact]
    public void Read_TwoListenersOnOnePort_IsRefused()
    {
        Assert.Contains("two listeners have port 7480", Assert.Single(Problems("", None with { Grpc = ["127.0.0.1:7480"] })), StringComparison.Ordinal);
        Assert.Contains("two listeners have port 7401", Assert.Single(Problems("", None with { Grpc = ["192.0.2.1:7401"] })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7480")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:99999")]
    [InlineData("::1:80")]
    [InlineData("example.com:80")]
    public void Read_BadAddressOnTheCommandLine_IsNamed(string address) =>
        Assert.Contains($"--http: '{address}'", Problems("", None with { Http = address })[0], StringComparison.Ordinal);

    [Fact]
    public void Read_FileThatIsNotThere_IsNamed() =>
        Assert.Throws<StartupException>(() => ServerConfigReader.Read(None with { ConfigFile = new FileInfo(Path.Combine(_work, "missing.yaml")) }));
}
