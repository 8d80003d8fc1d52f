using Weir.TestKit.Segments;

namespace Weir.Scenarios.Oracle;

/// <summary>Damage to an agent's files while it is down. The archive of its spool keeps what was there.</summary>
internal static class SpoolFaults
{
    // What a torn write may have left at the end looks like damage there: it is cut off by design.
    private const int IntactItems = 4;

    /// <summary>Copies what <see cref="FaultKind.AcksRestored"/> brings back.</summary>
    public static void BackUp(OracleAgent agent)
    {
        string path = AcksOf(agent);
        if (File.Exists(path)) File.Copy(path, path + ".copy", overwrite: true);
    }

    /// <summary>Damages something.</summary>
    /// <remarks>Spool and acks are each other's second copy: one is damaged once the agent has seen what happened to the other.</remarks>
    /// <returns>False where there was nothing to damage: the agent was only killed.</returns>
    public static bool Inject(PlannedFault fault, OracleAgent agent)
    {
        if (fault.Kind == FaultKind.KillAgent) return true;
        string acks = AcksOf(agent);
        if (!File.Exists(acks) || File.GetLastWriteTimeUtc(acks) <= agent.DamagedAt) return false;
        bool done = fault.Kind switch
        {
            FaultKind.SpoolBitFlip => Flip(fault, agent),
            FaultKind.SpoolTruncated => Truncate(fault, agent),
            FaultKind.AcksGone => Forget(agent),
            _ => Restore(agent),
        };
        if (done) agent.DamagedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
        return done;
    }

    private static bool Flip(PlannedFault fault, OracleAgent agent)
    {
        string[] segments = SegmentsOf(agent);
        if (segments.Length == 0) return false;
        string path = segments[fault.Draw % segments.Length];
        SegmentItem[] items = [.. SegmentFile.Read(path)];
        if (items.Length <= IntactItems) return false;
        long offset = fault.Draw % items[^IntactItems].Offset;
        agent.Spool.Change(path, draft =>
        {
            using var file = new FileStream(draft, FileMode.Open, FileAccess.ReadWrite);
            file.Position = offset;
            int old = file.ReadByte();
            file.Position = offset;
            file.WriteByte((byte)(old ^ (1 << (fault.Draw % 8))));
        });
        return true;
    }

    // The newest is left alone: a shorter one of those is what a power cut leaves of what was never durable.
    private static bool Truncate(PlannedFault fault, OracleAgent agent)
    {
        string[] segments = SegmentsOf(agent);
        if (segments.Length < 2) return false;
        string path = segments[fault.Draw % (segments.Length - 1)];
        agent.Spool.Change(path, draft =>
        {
            using var file = new FileStream(draft, FileMode.Open, FileAccess.ReadWrite);
            file.SetLength(fault.Draw % (file.Length + 1));
        });
        return true;
    }

    private static bool Forget(OracleAgent agent)
    {
        string path = AcksOf(agent);
        if (!File.Exists(path)) return false;
        File.Delete(path);
        return true;
    }

    private static bool Restore(OracleAgent agent)
    {
        string copy = AcksOf(agent) + ".copy";
        if (!File.Exists(copy)) return false;
        File.Copy(copy, AcksOf(agent), overwrite: true);
        return true;
    }

    private static string AcksOf(OracleAgent agent) => Path.Combine(agent.Data, "acks");

    private static string[] SegmentsOf(OracleAgent agent)
    {
        string spool = Path.Combine(agent.Data, "spool");
        return Directory.Exists(spool) ? [.. Directory.EnumerateFiles(spool, "*.seg").Order(StringComparer.Ordinal)] : [];
    }
}
