using System.Net;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Collectors.Scraping;
using Weir.Protocol.Identity;

namespace Weir.Agent.Configuration;

/// <summary>Reads <c>weir-agent.yaml</c>, and names everything that is wrong in it at once.</summary>
internal static class AgentConfigReader
{
    /// <summary>Most attributes in <c>host.attributes</c>: with those of a metric they stay below <see cref="FrameLimits.MaxAttributes"/>.</summary>
    public const int MaxHostAttributes = 16;

    /// <summary>The keys at the top of <c>weir-agent.yaml</c>.</summary>
    public static IReadOnlyCollection<string> Keys()
    {
        var asked = new ConfigNode("", ConfigKind.Section);
        TryRead(TextReader.Null, out _, asked);
        return [.. asked.Children.Select(static key => key.Key)];
    }

    /// <summary>The keys at the top of the server's file, so that one that is checked by the wrong program is known as that.</summary>
    public static IReadOnlyCollection<string> ServerKeys { get; } = ["data", "http", "grpc", "enroll", "agent", "store", "gate", "uploads", "insecure", "reserve_bytes"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errors">What is wrong in it.</param>
    /// <param name="record">Receives every key with what is allowed and what holds; null where nobody wants to know.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AgentConfig? TryReadFile(string path, out IReadOnlyList<ConfigError> errors, ConfigNode? record = null) => TryRead(found => YamlDocument.LoadFile(path, found, record), out errors);

    /// <summary>Reads a text.</summary>
    /// <returns>The configuration; null where there are errors.</returns>
    public static AgentConfig? TryRead(TextReader text, out IReadOnlyList<ConfigError> errors, ConfigNode? record = null) => TryRead(found => YamlDocument.Load(text, found, record), out errors);

    private static AgentConfig? TryRead(Func<List<ConfigError>, YamlSection> load, out IReadOnlyList<ConfigError> errors)
    {
        var found = new List<ConfigError>();
        errors = found;
        AgentConfig config = Read(load(found));
        found.Sort(static (a, b) => a.Line.CompareTo(b.Line));
        return found.Count == 0 ? config : null;
    }

    private static AgentConfig Read(YamlSection root)
    {
        AgentConfig defaults = AgentConfig.Of(root.Value("profile", CollectionProfile.OneSecond, TryProfile, "1s, 10s", "write one of them"));
        YamlSection host = root.Section("host"), uplink = root.Section("uplink"), limits = root.Section("limits"), collectors = root.Section("collectors");
        IReadOnlyList<PdhObjectConfig> objects = PdhConfigReader.Read(collectors.Section("pdh"));
        AgentConfig config = defaults with
        {
            Gateway = root.Value("gateway", defaults.Gateway, TryGateway, GatewayAddress.Form, "write the gateway's address and port"),
            JoinToken = ReadJoinToken(root),
            EnrollAddress = root.Value("enroll_address", defaults.EnrollAddress, TryEnrollAddress, "HOST:PORT, as in weir.example.com:7401", "write address and port of the enrolment listener"),
            Insecure = root.Flag("insecure", defaults.Insecure),
            DataDirectory = root.Value("data_directory", defaults.DataDirectory, TryText, "a path", "name a directory that the agent may write"),
            Interval = root.Interval("interval", defaults.Interval) ?? defaults.Interval,
            NormalInterval = root.Interval("normal_interval", defaults.NormalInterval) ?? defaults.NormalInterval,
            FrameSeconds = root.Number("frame_seconds", defaults.FrameSeconds, 0, AgentConfig.MaxFrameSeconds),
            Transport = uplink.Value("transport", defaults.Transport, TryTransport, "auto, stream, post", "write one of them"),
            Proxy = uplink.Value("proxy", defaults.Proxy, TryProxy, ProxySetting.Form, "write the proxy's address, or remove the key"),
            HeartbeatInterval = uplink.Value("heartbeat", defaults.HeartbeatInterval, TryHeartbeat, "1s to 10m", "write a whole number with s or m"),
            IsUplinkMetered = uplink.Flag("metered", defaults.IsUplinkMetered),
            UploadAboveBytes = uplink.Value("upload_above", defaults.UploadAboveBytes, TrySpoolBytes, "16MiB to 1024GiB", "write bytes, or a whole number with MiB or GiB"),
            SpoolBytes = root.Value("spool_bytes", defaults.SpoolBytes, TrySpoolBytes, "16MiB to 1024GiB", "write bytes, or a whole number with KiB, MiB or GiB"),
            SpoolReserveBytes = root.Value("spool_reserve_bytes", defaults.SpoolReserveBytes, TryReserveBytes, "0 to 1GiB", "write bytes, or a whole number with KiB or MiB; 0 keeps nothing"),
            Listen = root.Value("listen", defaults.Listen, TryListen, "ADDRESS:PORT, as in 127.0.0.1:7402, or none", "write an address of this host and a port, or none"),
            LogLevel = root.Value("log_level", defaults.LogLevel, TryLogLevel, "trace, debug, information, warning, error, critical", "write one of them"),
            MaxSeriesPerCollector = limits.Number("max_series_per_collector", defaults.MaxSeriesPerCollector, 1, Columns.MaxSeries),
            HostName = host.Value("name", defaults.HostName, TryHostName, "1 to 253 characters", "write the host's name, or remove the key"),
            HostAttributes = ReadAttributes(host.Section("attributes")),
            PdhObjects = objects,
            WmiClasses = WmiConfigReader.Read(collectors.Section("wmi"), objects),
            ScrapeTargets = ScrapeTargetReader.Read(collectors.Section("scrape")),
            Collectors = ReadCollectors(collectors),
        };
        host.RefuseUnknown();
        uplink.RefuseUnknown();
        limits.RefuseUnknown();
        root.RefuseUnknown(ServerKeys, "the server's configuration", "an agent's", "weir config check");
        return config;
    }

    // What stands there is not repeated in an error: most of it may be right, and secret.
    private static JoinToken? ReadJoinToken(YamlSection root)
    {
        if (root.Value("join_token", "", TryText, "one line of text", "copy the whole token") is not { Length: > 0 } text) return null;
        if (JoinToken.TryParse(text) is { } token) return token;
        root.Refuse("join_token", JoinToken.Form, "copy the whole token");
        return null;
    }

    private static Dictionary<string, string> ReadAttributes(YamlSection section)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string key in section.Keys)
        {
            string value = section.Value(key, "", TryAttributeValue, $"a text of at most {FrameLimits.MaxValueBytes} bytes", "write 'key: value'");
            if (key.Length == 0 || System.Text.Encoding.UTF8.GetByteCount(key) > FrameLimits.MaxNameBytes)
                section.Refuse(key, $"names of 1 to {FrameLimits.MaxNameBytes} bytes", "choose a shorter name");
            else if (HostAttributes.IsReserved(key)) section.Refuse(key, "attributes that the agent does not set itself (os., host., weir., process., telemetry.)", "choose another name; the host's name has the key host.name of the file");
            else if (attributes.Count == MaxHostAttributes) section.Refuse(key, $"at most {MaxHostAttributes} attributes", "remove some");
            else attributes[key] = value;
        }

        return attributes;
    }

    private static Dictionary<string, CollectorConfig> ReadCollectors(YamlSection section)
    {
        var collectors = new Dictionary<string, CollectorConfig>(StringComparer.Ordinal);
        foreach (CollectorInfo info in CollectorCatalog.All)
        {
            YamlSection one = section.Section(info.Name);
            bool isSaid = one.Keys.Any();
            var config = new CollectorConfig
            {
                Enabled = one.Value<bool?>("enabled", null, TryFlag, "true or false", "write true or false"),
                Interval = one.Interval("interval"),
                Names = info.HasNames ? one.Patterns() : NamePatterns.None,
                Top = info.HasTop ? one.Number("top", CollectorConfig.DefaultTop, 1, CollectorConfig.MaxTop) : CollectorConfig.DefaultTop,
            };
            one.RefuseUnknown();
            if (isSaid) collectors[info.Name] = config;
        }

        section.RefuseUnknown();
        return collectors;
    }

    private static bool TryFlag(string text, out bool? value)
    {
        bool isFlag = bool.TryParse(text, out bool flag);
        value = flag;
        return isFlag;
    }

    private static bool TryProfile(string text, out CollectionProfile value)
    {
        value = text == "10s" ? CollectionProfile.TenSeconds : CollectionProfile.OneSecond;
        return text is "1s" or "10s";
    }

    private static bool TryText(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool TryEnrollAddress(string text, out string? value)
    {
        value = text;
        return GatewayAddress.TryParse(text) is not null;
    }

    private static bool TryListen(string text, out IPEndPoint? value)
    {
        value = null;
        return text == "none" || (IPEndPoint.TryParse(text, out value) && value.Port > 0);
    }

    private static bool TryHostName(string text, out string? value)
    {
        value = text;
        return text.Length is > 0 and <= 253;
    }

    private static bool TryAttributeValue(string text, out string value)
    {
        value = text;
        return System.Text.Encoding.UTF8.GetByteCount(text) <= FrameLimits.MaxValueBytes;
    }

    private static bool TryGateway(string text, out string value)
    {
        value = text;
        return GatewayAddress.TryParseAll(text) is not null;
    }

    private static bool TryTransport(string text, out UplinkTransport value)
    {
        int index = Array.IndexOf(["auto", "stream", "post"], text);
        value = (UplinkTransport)index;
        return index >= 0;
    }

    private static bool TryProxy(string text, out string value)
    {
        value = text;
        return ProxySetting.TryRead(text, out _);
    }

    private static bool TryHeartbeat(string text, out TimeSpan value) =>
        Duration.TryParse(text, out value) && value >= TimeSpan.FromSeconds(1) && value <= TimeSpan.FromMinutes(10);

    private static bool TrySpoolBytes(string text, out long value) =>
        ByteSize.TryParse(text, out value) && value is >= AgentConfig.MinSpoolBytes and <= AgentConfig.MaxSpoolBytes;

    private static bool TryReserveBytes(string text, out long value) => ByteSize.TryParse(text, out value) && value is >= 0 and <= AgentConfig.MaxSpoolReserveBytes;

    private static bool TryLogLevel(string text, out LogLevel value)
    {
        string[] names = ["trace", "debug", "information", "warning", "error", "critical"];
        int index = Array.IndexOf(names, text);
        value = (LogLevel)index;
        return index >= 0;
    }
}
