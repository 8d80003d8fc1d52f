using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Bytes, operations and times per whole block device from /proc/diskstats.</summary>
/// <remarks>
/// Partitions are left out, since their sums are those of the device. Devices that kernels create in advance (loop, ram, zram, nbd, fd, sr) appear
/// with their first operation. Device-mapper and md devices are reported beside the disks below them: add up one kind only.
/// </remarks>
internal sealed class DiskCollector : ICollector
{
    private static readonly string[] CreatedInAdvance = ["loop", "ram", "zram", "nbd", "fd", "sr"];

    private const int ValuesPerDirection = 3;
    private const double SectorBytes = 512;
    private const double MillisecondsPerSecond = 1000;

    private readonly ProcFile _diskstats;
    private readonly string _blocks;
    private readonly DeviceTable _devices;
    private readonly NamePatterns _names;

    /// <summary>Reads <c>diskstats</c> below /proc; /sys tells partitions from devices.</summary>
    public DiskCollector(CollectorContext context)
    {
        LinuxRoots roots = context.Roots;
        _names = context.Config.Names;
        _diskstats = new ProcFile(Path.Combine(roots.Proc, "diskstats"));
        _blocks = Path.Combine(roots.Sys, "class", "block");
        _devices = new DeviceTable(UseOf);
    }

    /// <inheritdoc/>
    public string Name => "disk";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _diskstats.Read();
        if (Walk(text, columns)) return;
        Learn(text);
        string[] names = [.. _devices.Reported];
        string[][] directions = [.. names.SelectMany(static name => (string[][])[[name, "read"], [name, "write"]])];
        columns.Shape(
            names.Length == 0 ? [] :
            [
                new SchemaPart(Templates.DiskDirection, directions),
                new SchemaPart(Templates.DiskMerged, directions),
                new SchemaPart(Templates.Disk, [.. names.Select(static name => (string[])[name])]),
            ]);
        Walk(text, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _diskstats.Dispose();

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        int devices = _devices.Reported.Count;
        _devices.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            if (!TryParse(ref line, out ReadOnlySpan<byte> name, out Direction read, out Direction write, out ulong busyMs)) continue;
            int device = _devices.Next(name, IsActive(read, write));
            if (device < 0) continue;
            int mergedAt = devices * 2 * ValuesPerDirection;
            Set(columns, device * 2, mergedAt, read);
            Set(columns, (device * 2) + 1, mergedAt, write);
            columns.Set(mergedAt + (devices * 2) + device, busyMs / MillisecondsPerSecond);
        }

        return _devices.End();
    }

    private void Learn(ReadOnlySpan<byte> text)
    {
        _devices.Clear();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
            if (TryParse(ref line, out ReadOnlySpan<byte> name, out Direction read, out Direction write, out _))
                _devices.Learn(name, IsActive(read, write));
    }

    // Fields as in the kernel's iostats.rst: after major, minor and name, four per direction, in flight, busy ms.
    private static bool TryParse(ref ProcText line, out ReadOnlySpan<byte> name, out Direction read, out Direction write, out ulong busyMs)
    {
        line.Skip(2);
        name = line.Word();
        read = new Direction(line.Number(), line.Number(), line.Number(), line.Number());
        write = new Direction(line.Number(), line.Number(), line.Number(), line.Number());
        line.Skip(1);
        busyMs = line.Number();
        return !name.IsEmpty;
    }

    private static void Set(Columns columns, int instance, int mergedAt, Direction direction)
    {
        int at = instance * ValuesPerDirection;
        columns.Set(at, direction.Sectors * SectorBytes);
        columns.Set(at + 1, direction.Operations);
        columns.Set(at + 2, direction.Milliseconds / MillisecondsPerSecond);
        columns.Set(mergedAt + instance, direction.Merged);
    }

    private static bool IsActive(Direction read, Direction write) => read.Operations + write.Operations > 0;

    private DeviceUse UseOf(string name)
    {
        if (_names.Says(name) is { } said) return said ? DeviceUse.Always : DeviceUse.Never;
        if (File.Exists(Path.Combine(_blocks, name.Replace('/', '!'), "partition"))) return DeviceUse.Never;
        foreach (string prefix in CreatedInAdvance)
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0) return DeviceUse.WhenActive;
        return DeviceUse.Always;
    }

    private readonly record struct Direction(ulong Operations, ulong Merged, ulong Sectors, ulong Milliseconds);
}
