using Weir.Agent.Collectors.Scraping;

namespace Weir.Agent.Configuration;

/// <summary>What a configuration says without effect, or means and will not get on this host.</summary>
internal static class ConfigNotes
{
    /// <summary>A line for each, naming the key.</summary>
    public static IEnumerable<string> Of(AgentConfig config)
    {
        if (config.NormalInterval < config.Interval && config.NormalInterval != AgentConfig.Of(config.Profile).NormalInterval)
            yield return $"normal_interval: {Duration.Format(config.NormalInterval)} has no effect: no lane is read more often than interval ({Duration.Format(config.Interval)}) says";
        foreach (ScrapeTarget target in config.ScrapeTargets)
        {
            bool needsAuthorities = target.Url.Scheme == Uri.UriSchemeHttps && !target.InsecureSkipVerify;
            foreach ((string key, string? path) in ((string, string?)[])[("bearer_token_file", target.BearerTokenFile), ("tls.ca_file", needsAuthorities ? target.CaFile : null)])
                if (path is not null && ProblemOf(path) is { } problem) yield return $"collectors.scrape.targets, {target.Name}: {key}: {path} {problem}";
        }
    }

    // What has no length is not opened: opening a pipe waits for whoever writes.
    private static string? ProblemOf(string path)
    {
        try
        {
            if (Directory.Exists(path)) return "is a directory";
            var file = new FileInfo(path);
            if (!file.Exists) return "is not there, or may not be looked at by this account";
            if (file.Length == 0) return "is empty";
            file.OpenRead().Dispose();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"cannot be read by this account: {error.Message}";
        }
    }
}
