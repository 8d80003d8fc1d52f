namespace Weir.Agent.Collectors.Processes;

/// <summary>Writes the names of a <see cref="ProcessTable"/> into columns, in the shape that it gives them.</summary>
/// <param name="ticksPerSecond">Ticks of the source's CPU time in a second.</param>
/// <param name="hasHandles">Whether the source counts handles.</param>
internal sealed class ProcessColumns(double ticksPerSecond, bool hasHandles)
{
    private const int Gauges = 4;

    private long _version;

    /// <summary>Writes the values of a tick, in the shape of the names that are reported now.</summary>
    /// <param name="columns">In the shape of the call before.</param>
    /// <param name="table">The names.</param>
    /// <param name="untracked">How many processes were not looked at.</param>
    public void Write(Columns columns, ProcessTable table, int untracked)
    {
        if (columns.Count == 0 || _version != table.Version) Shape(columns, table.Reported);
        _version = table.Version;
        Write(columns, table.Reported, untracked);
    }

    private void Shape(Columns columns, ReadOnlySpan<NameTotals> names)
    {
        var each = new string[names.Length][];
        for (int i = 0; i < names.Length; i++) each[i] = [names[i].Name];
        var parts = new List<SchemaPart>
        {
            new(Templates.Process, each),
            new(Templates.ProcessCpuTime, Twice(each, "user", "system")),
            new(Templates.ProcessDiskIo, Twice(each, "read", "write")),
            new(Templates.ProcessPagingFaults, Twice(each, "minor", "major")),
            new(Templates.ProcessUntracked, [[]]),
        };
        if (hasHandles) parts.Add(new SchemaPart(Templates.ProcessHandles, each));
        columns.Shape(parts);
    }

    private void Write(Columns columns, ReadOnlySpan<NameTotals> names, int untracked)
    {
        int cpu = names.Length * Gauges, disk = cpu + (names.Length * 2), faults = disk + (names.Length * 2), rest = faults + (names.Length * 2);
        for (int i = 0; i < names.Length; i++)
        {
            NameTotals name = names[i];
            columns.Set(i * Gauges, name.Now.ResidentBytes);
            columns.Set((i * Gauges) + 1, name.Now.VirtualBytes);
            columns.Set((i * Gauges) + 2, name.Now.Threads);
            columns.Set((i * Gauges) + 3, name.Alive);
            columns.Set(cpu + (i * 2), name.Total.User / ticksPerSecond);
            columns.Set(cpu + (i * 2) + 1, name.Total.System / ticksPerSecond);
            columns.Set(faults + (i * 2), name.Total.MinorFaults);
            columns.Set(faults + (i * 2) + 1, name.Total.MajorFaults);
            if (hasHandles) columns.Set(rest + 1 + i, name.Now.Handles);
            // The sum of some of its processes would pass for that of all.
            if (name.Now.IsIoDenied)
            {
                columns.Fail(disk + (i * 2), FailureReason.AccessDenied);
                columns.Fail(disk + (i * 2) + 1, FailureReason.AccessDenied);
                continue;
            }

            columns.Set(disk + (i * 2), name.Total.ReadBytes);
            columns.Set(disk + (i * 2) + 1, name.Total.WrittenBytes);
        }

        columns.Set(rest, untracked);
    }

    private static string[][] Twice(string[][] names, string first, string second)
    {
        var twice = new string[names.Length * 2][];
        for (int i = 0; i < names.Length; i++)
        {
            twice[i * 2] = [names[i][0], first];
            twice[(i * 2) + 1] = [names[i][0], second];
        }

        return twice;
    }
}
