namespace Weir.Agent.Collectors.Windows;

/// <summary>Space of the local volumes, from GetDiskFreeSpaceEx.</summary>
/// <remarks>
/// The volumes are looked at again on each tick (<see cref="VolumeList"/>): one that came or went changes the series, one that goes between the list and
/// the question for its space is not here, and the rest goes on. The utilization is used / (used + free).
/// </remarks>
internal sealed class WindowsFilesystemCollector : ICollector
{
    private const int States = 3;

    private readonly VolumeList _list;
    private readonly ReadSpace _read;

    /// <summary>Reads the volumes of this system.</summary>
    /// <param name="context">Which mount points are wanted.</param>
    /// <param name="read">How to ask for a volume's space; null asks the system.</param>
    public WindowsFilesystemCollector(CollectorContext context, ReadSpace? read = null)
    {
        _list = new VolumeList(context.Config.Names);
        _read = read ?? VolumeSpace.TryRead;
    }

    /// <summary>Asks for the space of a volume: null, or why it cannot be told.</summary>
    public delegate FailureReason? ReadSpace(string root, out VolumeSpace space);

    /// <inheritdoc/>
    public string Name => "filesystem";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_list.Refresh()) columns.Shape(Parts(_list.Volumes));
        int wholeAt = _list.Volumes.Count * States;
        for (int i = 0; i < _list.Volumes.Count; i++)
        {
            if (_read(_list.Volumes[i].Root, out VolumeSpace space) is { } reason)
            {
                for (int state = 0; state < States; state++) columns.Fail((i * States) + state, reason);
                columns.Fail(wholeAt + (i * 2), reason);
                columns.Fail(wholeAt + (i * 2) + 1, reason);
                continue;
            }

            columns.Set(i * States, space.Used);
            columns.Set((i * States) + 1, space.Free);
            columns.Set((i * States) + 2, space.Reserved);
            columns.Set(wholeAt + (i * 2), space.Limit);
            columns.Set(wholeAt + (i * 2) + 1, space.Used + space.Free > 0 ? Math.Round(space.Used / (space.Used + space.Free), 4) : 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _list.Dispose();

    private static IReadOnlyList<SchemaPart> Parts(IReadOnlyList<Volume> volumes)
    {
        string[][] mounts = [.. volumes.Select(static volume => (string[])[volume.Device, volume.Point, volume.Type, volume.Mode])];
        string[][] states = [.. mounts.SelectMany(static mount => (string[][])[[.. mount, "used"], [.. mount, "free"], [.. mount, "reserved"]])];
        return mounts.Length == 0 ? [] : [new SchemaPart(Templates.FilesystemUsage, states), new SchemaPart(Templates.Filesystem, mounts)];
    }
}
