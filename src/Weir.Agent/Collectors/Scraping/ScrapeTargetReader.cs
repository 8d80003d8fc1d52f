using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Reads <c>collectors.scrape</c>.</summary>
internal static class ScrapeTargetReader
{
    private const int MinBytes = 1 << 10, MaxBytes = 64 << 20, MaxPathLength = 4096;

    // What the agent's own reading of the answer depends on. Accept may be set: some targets write only one of their formats well.
    private static readonly string[] NotForHeaders = ["accept-encoding", "connection", "content-length", "content-type", "expect", "transfer-encoding", "upgrade"];

    /// <summary>Reads the targets; what is wrong is among the section's errors.</summary>
    public static IReadOnlyList<ScrapeTarget> Read(YamlSection section)
    {
        var targets = new List<ScrapeTarget>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (YamlSection one in section.Sections("targets", ScrapeTarget.MaxTargets, "targets"))
            if (ReadTarget(one, names) is { } target) targets.Add(target);
        section.RefuseUnknown();
        if (targets.Count == 0) return [];
        return targets;
    }

    private static ScrapeTarget? ReadTarget(YamlSection section, HashSet<string> names)
    {
        string? name = section.Value<string?>("name", null, (string text, out string? value) => TryName(value = text) && names.Add(text), "1 to 64 letters, digits, '_', '-' and '.', once in the list", "choose another name");
        Uri? url = ReadUrl(section);
        TimeSpan interval = section.Interval("interval") ?? ScrapeTarget.DefaultInterval;
        TimeSpan longest = ScrapeTarget.MaxDeadlineOf(interval);
        YamlSection tls = section.Section("tls");
        var target = new ScrapeTarget
        {
            Name = name ?? "",
            Url = url ?? new Uri("http://localhost/"),
            IsRemote = section.Flag("remote", false),
            Interval = interval,
            Deadline = section.Value("deadline", longest, (string text, out TimeSpan value) => Duration.TryParse(text, out value) && value > TimeSpan.Zero && value <= longest,
                $"1ms to {Duration.Format(longest)}, two fifths of the interval and at most {Duration.Format(ScrapeTarget.LongestDeadline)}", "shorten it or lengthen the interval"),
            MaxBytes = section.Value("max_bytes", 8 << 20, TryBytes, "1KiB to 64MiB", "write bytes, or a whole number with KiB or MiB"),
            MaxSeries = section.Number("max_series", 5_000, 1, Columns.MaxSeries - ScrapeCollector.OwnSeries),
            Headers = ReadHeaders(section.Section("headers")),
            BearerTokenFile = ReadPath(section, "bearer_token_file"),
            CaFile = ReadPath(tls, "ca_file"),
            InsecureSkipVerify = tls.Flag("insecure_skip_verify", false),
            Relabel = [.. section.Sections("relabel", ScrapeTarget.MaxRules, "rules").Select(RelabelRuleReader.Read)],
        };
        tls.RefuseUnknown();
        if (url is { IsLoopback: false, Scheme: "http" } && target.BearerTokenFile is not null)
            section.Refuse("bearer_token_file", "a token only for https or for this host's loopback", "use https");
        section.RefuseUnknown();
        if (!section.Keys.Contains("name")) section.RefuseAbsent("name", "a name", "name the target");
        if (!section.Keys.Contains("url")) section.RefuseAbsent("url", "a URL", "say where the target is, as in http://localhost:9100/metrics");
        return name is null || url is null ? null : target;
    }

    private static Uri? ReadUrl(YamlSection section)
    {
        Uri? url = section.Value<Uri?>("url", null, TryUrl, "a URL with http or https, without '#'", "write it as in http://localhost:9100/metrics");
        if (url is null) return null;
        if (url.UserInfo.Length > 0) section.Refuse("url", "a URL without user and password", "use bearer_token_file, or the header Authorization");
        else return url;
        return null;
    }

    private static Dictionary<string, string> ReadHeaders(YamlSection section)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in section.Keys)
        {
            // Refuse, not a parser that fails: it would repeat a value that may be secret.
            string value = section.Value(name, "", static (string text, out string value) => (value = text) is not null, "a text", "write 'Name: value'");
            if (name.Length is 0 or > 128 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))) section.Refuse(name, "names of headers", "mend the name");
            else if (NotForHeaders.Contains(name.ToLowerInvariant())) section.Refuse(name, "headers that the agent does not set itself", "remove it");
            else if (value.Length > FrameLimits.MaxValueBytes || !value.All(static c => c is >= ' ' and <= '~')) section.Refuse(name, $"values of at most {FrameLimits.MaxValueBytes} printable ASCII characters", "mend the value");
            else if (headers.Count == ScrapeTarget.MaxHeaders) section.Refuse(name, $"at most {ScrapeTarget.MaxHeaders} headers", "remove some");
            else headers[name] = value;
        }

        return headers;
    }

    private static string? ReadPath(YamlSection section, string key) =>
        section.Value<string?>(key, null, static (string text, out string? value) => (value = text).Length <= MaxPathLength && Path.IsPathFullyQualified(text), "an absolute path", "write the whole path");

    private static bool TryName(string text) => text.Length is > 0 and <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    private static bool TryUrl(string text, out Uri? value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value) && (value.Scheme == Uri.UriSchemeHttp || value.Scheme == Uri.UriSchemeHttps) && value.Host.Length > 0 && value.Fragment.Length == 0;

    private static bool TryBytes(string text, out int value)
    {
        bool allowed = ByteSize.TryParse(text, out long bytes) && bytes is >= MinBytes and <= MaxBytes;
        value = allowed ? (int)bytes : 0;
        return allowed;
    }
}
