using Weir.Agent.Collectors.Filesystems;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Space of the local volumes, from GetDiskFreeSpaceEx.</summary>
/// <remarks>
/// The volumes are looked at again on each tick (<see cref="VolumeList"/>): one that came or went changes the series, one that goes between the list and the question for its
/// space is not here, and the rest goes on. Fixed, removable and RAM drives are taken, and what the configuration names, as a CD; without a medium or a known file system a
/// volume is left out. One that fails otherwise keeps the file system that it had. One that does not answer is stuck, of an unknown file system where it has told of none yet, and
/// no other one waits for it (<see cref="MountReader{TMount, TAnswer}"/>). The utilization is used / (used + free).
/// </remarks>
internal sealed class WindowsFilesystemCollector : ICollector
{
    private const int States = 3;
    private const string Unknown = "unknown";

    private readonly VolumeList _list;
    private readonly MountReader<Volume, VolumeState> _reader;
    private readonly List<(MountProbe<Volume, VolumeState> Probe, string Type, string Mode)> _shown = [];
    private MountProbe<Volume, VolumeState>[] _probes = [];

    /// <summary>Reads the volumes of this system.</summary>
    /// <param name="context">Which mount points are wanted.</param>
    /// <param name="read">How to ask a volume; null asks the system.</param>
    public WindowsFilesystemCollector(CollectorContext context, MountReader<Volume, VolumeState>.Ask? read = null)
    {
        _list = new VolumeList(context.Config.Names);
        _reader = new MountReader<Volume, VolumeState>(read ?? VolumeReader.TryRead, context.Time);
    }

    /// <inheritdoc/>
    public string Name => "filesystem";

    /// <summary>Volumes whose call has not returned.</summary>
    public int Hanging => _reader.GivenUp;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_list.Refresh()) _probes = [.. _list.Volumes.Select(ProbeOf)];
        _reader.Read(_probes);
        if (!IsAsShown()) Show(columns);
        for (int i = 0; i < _shown.Count; i++) Set(columns, i, _shown[i].Probe);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _list.Dispose();
    }

    private void Set(Columns columns, int volume, MountProbe<Volume, VolumeState> probe)
    {
        int stateAt = volume * States, wholeAt = (_shown.Count * States) + (volume * 2);
        if (probe.Failure is { } reason)
        {
            for (int state = 0; state < States; state++) columns.Fail(stateAt + state, reason);
            columns.Fail(wholeAt, reason);
            columns.Fail(wholeAt + 1, reason);
            return;
        }

        FilesystemSpace space = probe.Answer.Space;
        columns.Set(stateAt, space.Used);
        columns.Set(stateAt + 1, space.Free);
        columns.Set(stateAt + 2, space.Reserved);
        columns.Set(wholeAt, space.Limit);
        columns.Set(wholeAt + 1, space.Used + space.Free > 0 ? Math.Round(space.Used / (space.Used + space.Free), 4) : 0);
    }

    private bool IsAsShown()
    {
        int at = 0;
        foreach (MountProbe<Volume, VolumeState> probe in _probes)
        {
            (string? type, string mode) = FilesystemOf(probe);
            if (type is null) continue;
            if (at == _shown.Count || _shown[at] != (probe, type, mode)) return false;
            at++;
        }

        return at == _shown.Count;
    }

    private void Show(Columns columns)
    {
        var shown = new List<(MountProbe<Volume, VolumeState> Probe, string Type, string Mode)>();
        foreach (MountProbe<Volume, VolumeState> probe in _probes)
            if (FilesystemOf(probe) is (string type, string mode)) shown.Add((probe, type, mode));
        _shown.Clear();
        _shown.AddRange(shown);
        string[][] mounts = [.. _shown.Select(static each => (string[])[each.Probe.Mount.Device, each.Probe.Mount.Point, each.Type, each.Mode])];
        string[][] states = [.. mounts.SelectMany(static mount => (string[][])[[.. mount, "used"], [.. mount, "free"], [.. mount, "reserved"]])];
        columns.Shape(mounts.Length == 0 ? [] : [new SchemaPart(Templates.FilesystemUsage, states), new SchemaPart(Templates.Filesystem, mounts)]);
    }

    // What a volume is shown with; no type: it is left out.
    private (string? Type, string Mode) FilesystemOf(MountProbe<Volume, VolumeState> probe)
    {
        if (probe.Answer.Type is { } type) return (type, probe.Answer.Mode);
        if (probe.Failure is null or FailureReason.NotHere) return default;
        foreach ((MountProbe<Volume, VolumeState> known, string formerType, string formerMode) in _shown)
            if (known == probe) return (formerType, formerMode);
        return probe.Failure == FailureReason.Stuck ? (Unknown, Unknown) : default;
    }

    // What is known of a volume stays, that it hangs above all, until it is mounted elsewhere.
    private MountProbe<Volume, VolumeState> ProbeOf(Volume volume) => Array.Find(_probes, probe => probe.Mount == volume) ?? new MountProbe<Volume, VolumeState>(volume);
}
