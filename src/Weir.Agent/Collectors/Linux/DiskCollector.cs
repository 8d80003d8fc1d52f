using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Bytes, operations, times and the queue per whole block device from /proc/diskstats.</summary>
/// <remarks>
/// Partitions are left out, since their sums are those of the device. Devices that kernels create in advance (loop, ram, zram, nbd, fd, sr) appear
/// with their first operation. Device-mapper and md devices are reported beside the disks below them: add up one kind only.
/// Discards (Linux 4.18) and flushes (5.5) are left out where the kernel has none. A device whose line is cut or holds what is no number fails alone.
/// </remarks>
internal sealed class DiskCollector : ICollector
{
    private static readonly string[] CreatedInAdvance = ["loop", "ram", "zram", "nbd", "fd", "sr"];

    private const int ValuesPerDirection = 3;
    private const int DiscardValues = 4;
    private const int FieldsWithDiscards = 18;
    private const int FieldsWithFlushes = 20;
    private const double SectorBytes = 512;
    private const double MillisecondsPerSecond = 1000;

    private readonly ProcFile _diskstats;
    private readonly string _blocks;
    private readonly DeviceTable _devices;
    private readonly NamePatterns _names;
    private string[]? _shaped;
    private bool _hasDiscards;
    private bool _hasFlushes;

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
        if (_shaped is not null && Walk(text, columns)) return;
        Learn(text);
        List<SchemaPart> parts = Parts();
        // What is not reported comes and goes: the same devices with the same optional parts, which their number tells, keep their schema.
        if (_shaped is null || parts.Count != columns.Parts.Count || !_devices.Reported.SequenceEqual(_shaped)) Shape(columns, parts);
        Walk(text, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _diskstats.Dispose();

    private void Shape(Columns columns, List<SchemaPart> parts)
    {
        _shaped = null;
        columns.Shape(parts);
        _shaped = [.. _devices.Reported];
    }

    private List<SchemaPart> Parts()
    {
        string[][] names = [.. _devices.Reported.Select(static name => (string[])[name])];
        if (names.Length == 0) return [];
        string[][] directions = [.. names.SelectMany(static name => (string[][])[[name[0], "read"], [name[0], "write"]])];
        List<SchemaPart> parts =
        [
            new(Templates.DiskDirection, directions),
            new(Templates.DiskMerged, directions),
            new(Templates.Disk, names),
            new(Templates.DiskPending, names),
            new(Templates.DiskWeightedTime, names),
        ];
        if (_hasDiscards) parts.Add(new(Templates.DiskDiscard, names));
        if (_hasFlushes) parts.Add(new(Templates.DiskFlush, names));
        return parts;
    }

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        _devices.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            if (!TryParse(ref line, out ReadOnlySpan<byte> name, out Disk disk)) continue;
            int device = _devices.Next(name, disk.IsActive && !line.IsMalformed);
            if (device < 0) continue;
            Set(columns, device, disk, line.IsMalformed ? FailureReason.Error : null);
        }

        return _devices.End();
    }

    private void Learn(ReadOnlySpan<byte> text)
    {
        _devices.Clear();
        // All lines of a kernel have as many fields; a cut one must not take them from the others.
        int fields = 0;
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            fields = Math.Max(fields, CountWords(line));
            if (TryParse(ref line, out ReadOnlySpan<byte> name, out Disk disk)) _devices.Learn(name, disk.IsActive, !line.IsMalformed);
        }

        _hasDiscards = fields >= FieldsWithDiscards;
        _hasFlushes = fields >= FieldsWithFlushes;
    }

    private static int CountWords(ProcText line)
    {
        int words = 0;
        while (!line.Word().IsEmpty) words++;
        return words;
    }

    // Fields as in the kernel's iostats.rst: after major, minor and name, four per direction, in flight, busy ms, weighted ms, four of discards, two of flushes.
    private bool TryParse(ref ProcText line, out ReadOnlySpan<byte> name, out Disk disk)
    {
        line.Skip(2);
        name = line.Word();
        disk = new Disk(Operations(ref line), Operations(ref line), line.Number(), line.Number(), line.Number(), default, default);
        if (_hasDiscards) disk = disk with { Discard = Operations(ref line) };
        if (_hasFlushes) disk = disk with { Flush = new Kind(line.Number(), 0, 0, line.Number()) };
        return !name.IsEmpty;
    }

    private static Kind Operations(ref ProcText line) => new(line.Number(), line.Number(), line.Number(), line.Number());

    private void Set(Columns columns, int device, Disk disk, FailureReason? failure)
    {
        int devices = _devices.Reported.Count;
        int at = devices * 2 * ValuesPerDirection;
        Set(columns, device * 2 * ValuesPerDirection, disk.Read, failure);
        Set(columns, ((device * 2) + 1) * ValuesPerDirection, disk.Write, failure);
        Set(columns, at + (device * 2), disk.Read.Merged, failure);
        Set(columns, at + (device * 2) + 1, disk.Write.Merged, failure);
        at += devices * 2;
        Set(columns, at + device, disk.BusyMs / MillisecondsPerSecond, failure);
        Set(columns, at + devices + device, disk.Pending, failure);
        Set(columns, at + (devices * 2) + device, disk.WeightedMs / MillisecondsPerSecond, failure);
        at += devices * 3;
        if (_hasDiscards)
        {
            Set(columns, at + (device * DiscardValues), disk.Discard, failure);
            Set(columns, at + (device * DiscardValues) + ValuesPerDirection, disk.Discard.Merged, failure);
            at += devices * DiscardValues;
        }

        if (!_hasFlushes) return;
        Set(columns, at + (device * 2), disk.Flush.Operations, failure);
        Set(columns, at + (device * 2) + 1, disk.Flush.Milliseconds / MillisecondsPerSecond, failure);
    }

    private static void Set(Columns columns, int at, Kind kind, FailureReason? failure)
    {
        Set(columns, at, kind.Sectors * SectorBytes, failure);
        Set(columns, at + 1, kind.Operations, failure);
        Set(columns, at + 2, kind.Milliseconds / MillisecondsPerSecond, failure);
    }

    private static void Set(Columns columns, int series, double value, FailureReason? failure)
    {
        if (failure is { } reason) columns.Fail(series, reason);
        else columns.Set(series, value);
    }

    private DeviceUse UseOf(string name)
    {
        if (_names.Says(name) is { } said) return said ? DeviceUse.Always : DeviceUse.Never;
        if (File.Exists(Path.Combine(_blocks, name.Replace('/', '!'), "partition"))) return DeviceUse.Never;
        foreach (string prefix in CreatedInAdvance)
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.AsSpan(prefix.Length).IndexOfAnyExceptInRange('0', '9') < 0) return DeviceUse.WhenActive;
        return DeviceUse.Always;
    }

    private readonly record struct Kind(ulong Operations, ulong Merged, ulong Sectors, ulong Milliseconds);

    private readonly record struct Disk(Kind Read, Kind Write, ulong Pending, ulong BusyMs, ulong WeightedMs, Kind Discard, Kind Flush)
    {
        public bool IsActive => Read.Operations + Write.Operations > 0;
    }
}
