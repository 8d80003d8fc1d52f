using System.Globalization;
using System.Net;
using Weir.Agent.Configuration;
using Weir.Gateway;
using Weir.Server.Hosting;
using Weir.Stores.FrameStore;
using Weir.Writer;

namespace Weir.Server.Configuration;

/// <summary>Puts configuration file and command line together, and names everything that is wrong at once.</summary>
internal static class ServerConfigReader
{
    private const string EndPointForm = "ADDRESS:PORT, as in 127.0.0.1:7480 or [::1]:7480";
    private const string Off = "off";
    private const string WindowForm = "64KiB to 1MiB";
    private const string WindowCure = "write bytes, or a whole number with KiB";

    /// <summary>Reads the configuration of <c>weir up</c>.</summary>
    /// <exception cref="StartupException">Something is wrong; every problem is named.</exception>
    public static ServerConfig Read(ServerArguments arguments)
    {
        var errors = new List<ConfigError>();
        ServerConfig config = ReadFile(arguments.ConfigFile, errors);
        string file = arguments.ConfigFile?.Name ?? "";
        var problems = new List<string>(errors.OrderBy(static error => error.Line).Select(error => $"{file}: {error}"));
        config = ApplyArguments(config, arguments, problems);
        if (!config.Insecure && !IPAddress.IsLoopback(config.Http.Address))
            problems.Add($"{config.Http} is not on loopback, and the console and the HTTP API know neither encryption nor accounts yet: listen on 127.0.0.1, or accept that with --insecure (and --tls, so that gateways keep TLS)");
        if (config.Grpc.Append(config.Http).Append(config.Enroll).Where(static endPoint => endPoint.Port != 0).GroupBy(static endPoint => endPoint.Port).FirstOrDefault(static group => group.Count() > 1) is { } twice)
            // Also on different addresses: a request is told apart by the port that it came to.
            problems.Add($"{string.Join(" and ", twice)}: two listeners have port {twice.Key}: give each its own");
        return problems.Count == 0 ? config : throw new StartupException(problems, ExitCode.Usage);
    }

    private static ServerConfig ReadFile(FileInfo? file, List<ConfigError> errors)
    {
        if (file is null) return new ServerConfig();
        try
        {
            return Read(YamlDocument.LoadFile(file.FullName, errors));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException([$"{file.FullName} cannot be read: {e.Message}"], ExitCode.Usage);
        }
    }

    /// <summary>Reads the keys of a loaded file; what is wrong is gathered by the section.</summary>
    internal static ServerConfig Read(YamlSection root)
    {
        var defaults = new ServerConfig();
        YamlSection http = root.Section("http"), grpc = root.Section("grpc"), enroll = root.Section("enroll"), agent = root.Section("agent"), store = root.Section("store"), gate = root.Section("gate"), uploads = root.Section("uploads");
        var retention = new FrameStoreOptions
        {
            RetentionAge = store.Value("retention", defaults.Store.RetentionAge, TrySpan, "1h to 3650d, or off", "write a whole number with h or d, or off"),
            RetentionBytes = store.Value("retention_bytes", defaults.Store.RetentionBytes, TryBytes, "64MiB or more, or off", "write bytes, or a whole number with MiB or GiB, or off"),
            SealInterval = store.Value("seal_interval", defaults.Store.SealInterval, TrySpan, "1s to 3650d, or off", "write a whole number with s, m or h, or off"),
            SealBytes = store.Value<long>("seal_bytes", defaults.Store.SealBytes, TrySealBytes, "1MiB to 1GiB", "write bytes, or a whole number with MiB"),
            UpkeepShare = store.Value<double>("upkeep_share", defaults.Store.UpkeepShare, TryShare, "0.05 to 1", "write a part of one core, as in 0.5"),
        };
        var config = new ServerConfig
        {
            DataDirectory = root.Value("data", defaults.DataDirectory, TryText, "a path", "name a directory that may be written"),
            Http = http.Value("listen", defaults.Http, TryEndPoint, EndPointForm, "write address and port"),
            HttpHosts = http.Value("hosts", defaults.HttpHosts, TryNames, "host names, separated by spaces", "write the names by which browsers reach this server"),
            Grpc = grpc.Value("listen", defaults.Grpc, TryEndPoints, $"one or more of {EndPointForm}, separated by spaces", "write address and port"),
            Tls = grpc.Flag("tls", defaults.Tls),
            StreamsPerConnection = grpc.Number("streams_per_connection", defaults.StreamsPerConnection, 100, 100_000),
            StreamWindowBytes = grpc.Value("stream_window", defaults.StreamWindowBytes, TryWindow, WindowForm, WindowCure),
            ConnectionWindowBytes = grpc.Value("connection_window", defaults.ConnectionWindowBytes, TryWindow, WindowForm, WindowCure),
            Enroll = enroll.Value("listen", defaults.Enroll, TryEndPoint, EndPointForm, "write address and port"),
            CertificateLifetime = enroll.Value("certificate_lifetime", defaults.CertificateLifetime, TryLifetime, "2m to 720h", "write a whole number with m, h or d; streams end 40 s before their certificate does"),
            CertificateNames = enroll.Value("names", defaults.CertificateNames, TryNames, "host names, separated by spaces", "write the names by which others reach this server"),
            Insecure = root.Flag("insecure", defaults.Insecure),
            AgentEnabled = agent.Flag("enabled", defaults.AgentEnabled),
            Uploads = ReadUploads(uploads, defaults.Uploads),
            ReserveBytes = root.Value("reserve_bytes", defaults.ReserveBytes, TryReserveBytes, "0 to 16GiB", "write bytes, or a whole number with MiB or GiB; 0 keeps nothing"),
            Store = retention,
            Horizon = new Horizon
            {
                Ahead = gate.Value("horizon_ahead", defaults.Horizon.Ahead, TrySpan, "1s to 3650d, or off", "write a whole number with s, m, h or d, or off"),
                Back = gate.Value("horizon_back", retention.RetentionAge, TrySpan, "1s to 3650d, or off", "write a whole number with s, m, h or d, or off"),
            },
        };
        foreach (YamlSection section in (ReadOnlySpan<YamlSection>)[http, grpc, enroll, agent, store, gate, uploads]) section.RefuseUnknown();
        root.RefuseUnknown(AgentConfigReader.Keys(), "an agent's configuration", "the server's", "weir-agent config check");
        return config;
    }

    private static UploadOptions ReadUploads(YamlSection uploads, UploadOptions defaults) => defaults with
    {
        MaxBytes = uploads.Value("max_bytes", defaults.MaxBytes, TryUploadBytes, "1MiB to 1024GiB", "write bytes, or a whole number with MiB or GiB"),
        MaxBytesPerAgent = uploads.Value("max_bytes_per_agent", defaults.MaxBytesPerAgent, TryUploadBytes, "1MiB to 1024GiB", "write bytes, or a whole number with MiB or GiB"),
        AbandonAfter = uploads.Value("abandon_after", defaults.AbandonAfter, TryAge, "1h to 3650d", "write a whole number with h or d"),
        Keep = uploads.Value("keep", defaults.Keep, TryAge, "1h to 3650d", "write a whole number with h or d"),
    };

    private static ServerConfig ApplyArguments(ServerConfig config, ServerArguments arguments, List<string> problems)
    {
        if (arguments.Data is { } data) config = config with { DataDirectory = data };
        if (arguments.Insecure) config = config with { Insecure = true };
        if (arguments.Http is { } http)
        {
            if (TryEndPoint(http, out IPEndPoint endPoint)) config = config with { Http = endPoint };
            else problems.Add($"--http: '{http}' is not allowed; allowed: {EndPointForm}");
        }

        if (arguments.Tls) config = config with { Tls = true };
        if (arguments.Enroll is { } enroll)
        {
            if (TryEndPoint(enroll, out IPEndPoint endPoint)) config = config with { Enroll = endPoint };
            else problems.Add($"--enroll: '{enroll}' is not allowed; allowed: {EndPointForm}");
        }

        if (arguments.Grpc.Count == 0) return config;
        if (TryEndPoints(string.Join(' ', arguments.Grpc), out IReadOnlyList<IPEndPoint> endPoints)) return config with { Grpc = endPoints };
        problems.Add($"--grpc: '{string.Join(' ', arguments.Grpc)}' is not allowed; allowed: {EndPointForm}");
        return config;
    }

    private static bool TryText(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool TryNames(string text, out IReadOnlyList<string> value)
    {
        value = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        return value.All(static name => Uri.CheckHostName(name) != UriHostNameType.Unknown);
    }

    private static bool TryEndPoint(string text, out IPEndPoint value)
    {
        // 'localhost' is what people write; a bare address has port 0 to the parser and is refused here.
        string address = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? "127.0.0.1" + text["localhost".Length..] : text;
        int colon = address.LastIndexOf(':');
        bool hasPort = colon > 0 && ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && (address.IndexOf(':', StringComparison.Ordinal) == colon || address[colon - 1] == ']');
        bool parsed = IPEndPoint.TryParse(address, out IPEndPoint? endPoint);
        value = endPoint ?? new IPEndPoint(IPAddress.Loopback, 0);
        return hasPort && parsed;
    }

    private static bool TryEndPoints(string text, out IReadOnlyList<IPEndPoint> value)
    {
        var found = new List<IPEndPoint>();
        value = found;
        foreach (string part in text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryEndPoint(part, out IPEndPoint endPoint)) return false;
            found.Add(endPoint);
        }

        return found.Count > 0;
    }

    private static bool TrySpan(string text, out TimeSpan? value)
    {
        value = null;
        if (text == Off) return true;
        bool allowed = Duration.TryParse(text, out TimeSpan span) && span >= TimeSpan.FromSeconds(1) && span <= TimeSpan.FromDays(3650);
        value = span;
        return allowed;
    }

    private static bool TryLifetime(string text, out TimeSpan value) =>
        Duration.TryParse(text, out value) && value >= TimeSpan.FromMinutes(2) && value <= TimeSpan.FromDays(30);

    private static bool TryUploadBytes(string text, out long value) => ByteSize.TryParse(text, out value) && value is >= 1 << 20 and <= 1L << 40;

    private static bool TryAge(string text, out TimeSpan value) => Duration.TryParse(text, out value) && value >= TimeSpan.FromHours(1) && value <= TimeSpan.FromDays(3650);

    private static bool TryReserveBytes(string text, out long value) => ByteSize.TryParse(text, out value) && value is >= 0 and <= 16L << 30;

    private static bool TryWindow(string text, out int value)
    {
        bool allowed = ByteSize.TryParse(text, out long bytes) && bytes is >= 64 * 1024 and <= 1 << 20;
        value = (int)(allowed ? bytes : 0);
        return allowed;
    }

    private static bool TrySealBytes(string text, out long value) => ByteSize.TryParse(text, out value) && value is >= 1 << 20 and <= 1 << 30;

    private static bool TryShare(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0.05 and <= 1;

    private static bool TryBytes(string text, out long? value)
    {
        value = null;
        if (text == Off) return true;
        bool allowed = ByteSize.TryParse(text, out long bytes) && bytes >= 64L << 20;
        value = bytes;
        return allowed;
    }
}
