namespace Weir.Agent.Collectors.Scraping;

/// <summary>Why something that a target gives is in no series: the values of <c>weir.scrape.reason</c>.</summary>
internal enum ScrapeDrop
{
    /// <summary>A series stands twice in an answer: the first sample counts.</summary>
    Duplicate,

    /// <summary>A name, a value or the number of labels is over a limit of <see cref="FrameLimits"/>.</summary>
    Limit,

    /// <summary>The series is not UTF-8, or relabelling left it without a name.</summary>
    Invalid,

    /// <summary>Not a sample but the time that a target gave to one: samples carry the time of their tick.</summary>
    Time,
}
