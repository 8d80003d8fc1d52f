using System.IO.Hashing;
using Weir.Agent.Collectors.Filesystems;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Space, inodes and mode of the mounted file systems, from statvfs and the mount table.</summary>
/// <remarks>
/// A mount whose statvfs does not return is stuck, and no other one waits for it (<see cref="MountReader{TMount, TAnswer}"/>). The utilization is df's: used / (used + free).
/// A file system without a fixed number of inodes (btrfs) has none to report. The mode is that of the mount table, which is known of a hanging mount too.
/// </remarks>
internal sealed class FilesystemCollector : ICollector
{
    private const int States = 3;
    private const int InodeStates = 2;

    private readonly ProcFile _mounts;
    private readonly ProcFile _filesystems;
    private readonly MountReader<Mount, FilesystemSpace> _reader;
    private readonly NamePatterns _names;
    private MountProbe<Mount, FilesystemSpace>[]? _probes;
    private ulong _tableHash;

    /// <summary>Reads the mount table below the root.</summary>
    /// <param name="context">Where /proc is, and which mount points are wanted.</param>
    /// <param name="read">How to ask for a mount's space; null asks the kernel.</param>
    public FilesystemCollector(CollectorContext context, MountReader<Mount, FilesystemSpace>.Ask? read = null)
    {
        LinuxRoots roots = context.Roots;
        _names = context.Config.Names;
        _mounts = new ProcFile(MountTable.PathIn(roots));
        _filesystems = new ProcFile(Path.Combine(roots.Proc, "filesystems"));
        _reader = new MountReader<Mount, FilesystemSpace>(read ?? MountSpace.TryRead, context.Time);
    }

    /// <inheritdoc/>
    public string Name => "filesystem";

    /// <summary>Mounts whose call has not returned.</summary>
    public int Hanging => _reader.GivenUp;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _mounts.Read();
        ulong hash = XxHash3.HashToUInt64(text);
        if (_probes is null || hash != _tableHash) Learn(text, hash, columns);
        _reader.Read(_probes!);
        for (int i = 0; i < _probes!.Length; i++) Set(columns, i, _probes[i]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _mounts.Dispose();
        _filesystems.Dispose();
    }

    private void Set(Columns columns, int mount, MountProbe<Mount, FilesystemSpace> probe)
    {
        int stateAt = mount * States, wholeAt = (_probes!.Length * States) + (mount * 2);
        int inodesAt = (_probes.Length * (States + 2)) + (mount * InodeStates), modeAt = (_probes.Length * (States + 2 + InodeStates)) + mount;
        columns.Set(modeAt, probe.Mount.IsReadOnly ? 1 : 0);
        if (probe.Failure is { } reason)
        {
            for (int state = 0; state < States; state++) columns.Fail(stateAt + state, reason);
            for (int value = 0; value < 2; value++) columns.Fail(wholeAt + value, reason);
            for (int state = 0; state < InodeStates; state++) columns.Fail(inodesAt + state, reason);
            return;
        }

        FilesystemSpace space = probe.Answer;
        columns.Set(stateAt, space.Used);
        columns.Set(stateAt + 1, space.Free);
        columns.Set(stateAt + 2, space.Reserved);
        columns.Set(wholeAt, space.Limit);
        columns.Set(wholeAt + 1, space.Used + space.Free > 0 ? Math.Round(space.Used / (space.Used + space.Free), 4) : 0);
        if (space.Inodes == 0) return;
        columns.Set(inodesAt, space.Inodes - space.FreeInodes);
        columns.Set(inodesAt + 1, space.FreeInodes);
    }

    private void Learn(ReadOnlySpan<byte> text, ulong hash, Columns columns)
    {
        Mount[] table = MountTable.Parse(text, _filesystems.Read(), _names);
        // Something else was mounted: the same file systems keep their schema.
        if (_probes is null || !table.SequenceEqual(_probes.Select(static probe => probe.Mount)))
        {
            string[][] mounts = [.. table.Select(static mount => (string[])[mount.Device, mount.Point, mount.Type, mount.Mode])];
            columns.Shape(
                mounts.Length == 0 ? [] :
                [
                    new SchemaPart(Templates.FilesystemUsage, With(mounts, "used", "free", "reserved")),
                    new SchemaPart(Templates.Filesystem, mounts),
                    new SchemaPart(Templates.FilesystemInodes, With(mounts, "used", "free")),
                    new SchemaPart(Templates.FilesystemReadOnly, [.. mounts.Select(static mount => mount[..^1])]),
                ]);
            _probes = [.. table.Select(ProbeOf)];
        }

        _tableHash = hash;
    }

    // A mount that hangs goes on hanging when the table changes around it.
    private MountProbe<Mount, FilesystemSpace> ProbeOf(Mount mount)
    {
        if (_probes?.FirstOrDefault(probe => probe.Hangs && probe.Mount.Point == mount.Point) is not { } hanging) return new MountProbe<Mount, FilesystemSpace>(mount);
        hanging.Mount = mount;
        return hanging;
    }

    private static string[][] With(string[][] mounts, params string[] states) =>
        [.. mounts.SelectMany(mount => states.Select(state => (string[])[.. mount, state]))];
}
