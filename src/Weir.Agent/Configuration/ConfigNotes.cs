using Weir.Agent.Collectors.Scraping;

namespace Weir.Agent.Configuration;

/// <summary>What a configuration may say and hardly means, or means and will not get on this host.</summary>
internal static class ConfigNotes
{
    /// <summary>A line for each, naming the key.</summary>
    public static IEnumerable<string> Of(AgentConfig config)
    {
        if (config.NormalInterval < config.Interval)
            yield return $"normal_interval: {Duration.Format(config.NormalInterval)} is shorter than interval ({Duration.Format(config.Interval)}): what is costly is read more often than what is cheap";
        foreach (ScrapeTarget target in config.ScrapeTargets)
        {
            foreach ((string key, string? path) in ((string, string?)[])[("bearer_token_file", target.BearerTokenFile), ("tls.ca_file", target.CaFile)])
                if (path is not null && ProblemOf(path) is { } problem) yield return $"collectors.scrape.targets, {target.Name}: {key}: {path} {problem}";
        }
    }

    private static string? ProblemOf(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return null;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return "is not there";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"cannot be read by this account: {error.Message}";
        }
    }
}
