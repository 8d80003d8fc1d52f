namespace Weir.Agent.Collectors.Scraping;

/// <summary>What <c># TYPE</c> says of a family.</summary>
internal enum FamilyType
{
    /// <summary>Nothing, <c>untyped</c>, <c>unknown</c>, or a word that is not known here.</summary>
    Unknown,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>A count; OpenMetrics writes its sample <c>_total</c>.</summary>
    Counter,

    /// <summary>Counts per bucket, their sum and number.</summary>
    Histogram,

    /// <summary>The same of what goes up and down.</summary>
    GaugeHistogram,

    /// <summary>Quantiles, and a sum and a number that grow.</summary>
    Summary,

    /// <summary>A constant 1 whose labels tell something.</summary>
    Info,

    /// <summary>A 0 or 1 per state.</summary>
    StateSet,
}
