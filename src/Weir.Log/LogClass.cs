namespace Weir.Log;

/// <summary>The two classes of a log; a backlog in one never stands in front of fresh data in the other. Values are frozen.</summary>
public enum LogClass : byte
{
    /// <summary>Fresh entries.</summary>
    Live = 0,

    /// <summary>Backlog after an outage, and bulk imports.</summary>
    Backfill = 1,
}

/// <summary>What kind of traffic a record belongs to: limits and fairness go by it. Values are frozen.</summary>
public enum BusinessLine : byte
{
    /// <summary>Fresh entries of agents.</summary>
    Live = 0,

    /// <summary>Entries of agents that waited out an outage.</summary>
    Backfill = 1,

    /// <summary>Imports.</summary>
    Bulk = 2,

    /// <summary>OpenTelemetry protocol.</summary>
    Otlp = 3,

    /// <summary>Prometheus remote write.</summary>
    RemoteWrite = 4,
}

/// <summary>Who made the samples of a record. Values are frozen.</summary>
public enum SourceKind : byte
{
    /// <summary>A Weir agent, which declares what it did.</summary>
    Agent = 0,

    /// <summary>Somebody else, who declares nothing.</summary>
    Foreign = 1,
}
