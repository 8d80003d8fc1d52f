using System.IO.Hashing;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Space of the mounted file systems, from statvfs.</summary>
/// <remarks>Runs in the lane for what may hang: statvfs of a dead device never returns. The utilization is df's: used / (used + free).</remarks>
internal sealed class FilesystemCollector : ICollector
{
    private const int States = 3;

    private readonly ProcFile _mounts;
    private readonly ProcFile _filesystems;
    private readonly ReadSpace _read;
    private readonly NamePatterns _names;
    private Mount[]? _table;
    private ulong _tableHash;

    /// <summary>Reads the mount table below the root.</summary>
    /// <param name="context">Where /proc is, and which mount points are wanted.</param>
    /// <param name="read">How to ask for a mount's space; null asks the kernel.</param>
    public FilesystemCollector(CollectorContext context, ReadSpace? read = null)
    {
        LinuxRoots roots = context.Roots;
        _names = context.Config.Names;
        _mounts = new ProcFile(MountTable.PathIn(roots));
        _filesystems = new ProcFile(Path.Combine(roots.Proc, "filesystems"));
        _read = read ?? FilesystemSpace.TryRead;
    }

    /// <summary>Asks for the space of a mount: null, or why it cannot be told.</summary>
    public delegate FailureReason? ReadSpace(string mountPoint, out FilesystemSpace space);

    /// <inheritdoc/>
    public string Name => "filesystem";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _mounts.Read();
        ulong hash = XxHash3.HashToUInt64(text);
        if (_table is null || hash != _tableHash) Learn(text, hash, columns);
        Mount[] table = _table!;
        int wholeAt = table.Length * States;
        for (int i = 0; i < table.Length; i++)
        {
            if (_read(table[i].Point, out FilesystemSpace space) is { } reason)
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
    public void Dispose()
    {
        _mounts.Dispose();
        _filesystems.Dispose();
    }

    private void Learn(ReadOnlySpan<byte> text, ulong hash, Columns columns)
    {
        Mount[] table = MountTable.Parse(text, _filesystems.Read(), _names);
        // Something else was mounted: the same file systems keep their schema.
        if (_table is null || !table.AsSpan().SequenceEqual(_table))
        {
            string[][] mounts = [.. table.Select(static mount => (string[])[mount.Device, mount.Point, mount.Type, mount.Mode])];
            string[][] states = [.. mounts.SelectMany(static mount => (string[][])[[.. mount, "used"], [.. mount, "free"], [.. mount, "reserved"]])];
            columns.Shape(mounts.Length == 0 ? [] : [new SchemaPart(Templates.FilesystemUsage, states), new SchemaPart(Templates.Filesystem, mounts)]);
            _table = table;
        }

        _tableHash = hash;
    }
}
