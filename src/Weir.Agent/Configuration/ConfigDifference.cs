namespace Weir.Agent.Configuration;

/// <summary>What of a changed configuration an agent takes while it runs.</summary>
internal static class ConfigDifference
{
    /// <summary>The keys that differ and take effect at the next start only: identity, spool, uplink, what the host is called, log and listener.</summary>
    public static IEnumerable<string> NeedStart(AgentConfig now, AgentConfig next)
    {
        if (now.Gateway != next.Gateway) yield return "gateway";
        if (now.EnrollAddress != next.EnrollAddress) yield return "enroll_address";
        if (now.Insecure != next.Insecure) yield return "insecure";
        if (now.DataDirectory != next.DataDirectory) yield return "data_directory";
        if (now.Transport != next.Transport) yield return "uplink.transport";
        if (now.Proxy != next.Proxy) yield return "uplink.proxy";
        if (now.HeartbeatInterval != next.HeartbeatInterval) yield return "uplink.heartbeat";
        if (now.UploadAboveBytes != next.UploadAboveBytes) yield return "uplink.upload_above";
        if (now.SpoolBytes != next.SpoolBytes) yield return "spool_bytes";
        if (now.SpoolReserveBytes != next.SpoolReserveBytes) yield return "spool_reserve_bytes";
        if (!Equals(now.Listen, next.Listen)) yield return "listen";
        if (now.LogLevel != next.LogLevel) yield return "log_level";
        if (now.HostName != next.HostName) yield return "host.name";
        if (!Equals(now.HostAttributes, next.HostAttributes)) yield return "host.attributes";
    }

    /// <summary>The configuration that runs, with what the other says of collection.</summary>
    public static AgentConfig Collecting(AgentConfig now, AgentConfig next) => now with
    {
        Profile = next.Profile,
        Interval = next.Interval,
        NormalInterval = next.NormalInterval,
        FrameSeconds = next.FrameSeconds,
        IsUplinkMetered = next.IsUplinkMetered,
        MaxSeriesPerCollector = next.MaxSeriesPerCollector,
        Collectors = next.Collectors,
        PdhObjects = next.PdhObjects,
        WmiClasses = next.WmiClasses,
        ScrapeTargets = next.ScrapeTargets,
    };
}
