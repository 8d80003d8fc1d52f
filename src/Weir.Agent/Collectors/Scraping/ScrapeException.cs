namespace Weir.Agent.Collectors.Scraping;

/// <summary>A scrape gave nothing: the message says what the target did. Never holds a header or a token.</summary>
internal sealed class ScrapeException(string message, FailureReason reason = FailureReason.Error) : Exception(message)
{
    /// <summary>How the samples of the tick are counted.</summary>
    public FailureReason Reason => reason;
}
