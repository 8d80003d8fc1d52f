namespace Weir.Agent.Collectors.Scraping;

/// <summary>What scraping says. Event ids 1100 to 1119; retired ids are never used again.</summary>
internal static partial class ScrapingLog
{
    [LoggerMessage(1100, LogLevel.Warning, "Target {Target} cannot be scraped: {Error}")]
    public static partial void TargetFails(ILogger logger, string target, string error);

    [LoggerMessage(1101, LogLevel.Information, "Target {Target} is scraped again after {Scrapes} failed scrapes; it has {Series} series")]
    public static partial void TargetWorks(ILogger logger, string target, long scrapes, int series);
}
