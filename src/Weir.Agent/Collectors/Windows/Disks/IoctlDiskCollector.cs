using System.ComponentModel;
using System.Globalization;
using Weir.Agent.Collectors.Windows.Pdh;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows.Disks;

/// <summary>Bytes, operations, times and queue per disk from IOCTL_DISK_PERFORMANCE, for where PDH gives none.</summary>
/// <remarks>
/// Windows answers only where disk counters are on, which editions for servers have off; the error then names the registry value. It is not set here.
/// Disks are looked for once a minute, and at once when one is gone. A disk that cannot be read fails alone.
/// </remarks>
internal sealed class IoctlDiskCollector : ICollector
{
    /// <summary>Most disks: Windows numbers them from zero, with gaps.</summary>
    public const int MaxDisks = 64;

    private const int ValuesPerDirection = 3;
    private const double TicksPerSecond = TimeSpan.TicksPerSecond;

    private static readonly TimeSpan LookPause = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly NamePatterns _names;
    private readonly DiskReader _read;
    private readonly List<Disk> _disks = [];
    private readonly long _began;
    private long _lookedAt;
    private bool _isShaped;

    /// <summary>Reads the disks of this host.</summary>
    public IoctlDiskCollector(CollectorContext context)
        : this(context, DiskDevices.Read)
    {
    }

    /// <summary>Reads disks by a call.</summary>
    /// <param name="context">Clock and patterns.</param>
    /// <param name="read">Reads one.</param>
    public IoctlDiskCollector(CollectorContext context, DiskReader read)
    {
        _time = context.Time;
        _began = _time.GetTimestamp();
        _names = context.Config.Names;
        _read = read;
    }

    /// <summary>Reads the disk behind a path; gives an error of Windows, or zero.</summary>
    public delegate int DiskReader(string path, out DiskReading reading);

    /// <inheritdoc/>
    public string Name => "disk";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (!_isShaped || _time.GetElapsedTime(_lookedAt) >= LookPause) Look(columns);
        int failed = Read(columns, out int error, out bool isGone);
        if (isGone)
        {
            Look(columns);
            failed = Read(columns, out error, out _);
        }

        if (_disks.Count > 0 && failed == _disks.Count) throw ErrorOf(_disks[0].Path, error);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private void Look(Columns columns)
    {
        _lookedAt = _time.GetTimestamp();
        var found = new List<Disk>();
        for (int number = 0; number < MaxDisks; number++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"PhysicalDrive{number}"), path = $@"\\.\{name}";
            int error = _read(path, out _);
            if (IsNoDisk(error) || _names.Says(name) == false) continue;
            found.Add(_disks.Find(disk => disk.Name == name) ?? new Disk(name, path));
        }

        if (found.Count == 0 && _disks.Count == 0 && !_isShaped) throw new FileNotFoundException(@"there is no \\.\PhysicalDriveN on this system");
        if (_isShaped && found.SequenceEqual(_disks)) return;
        _isShaped = false;
        _disks.Clear();
        _disks.AddRange(found);
        string[] names = [.. _disks.Select(static disk => disk.Name)];
        columns.Shape(
            names.Length == 0 ? [] :
            [
                new SchemaPart(Templates.DiskDirection, [.. names.SelectMany(static name => (string[][])[[name, "read"], [name, "write"]])]),
                new SchemaPart(Templates.Disk, [.. names.Select(static name => (string[])[name])]),
                new SchemaPart(Templates.DiskPending, [.. names.Select(static name => (string[])[name])]),
            ]);
        _isShaped = true;
    }

    private int Read(Columns columns, out int error, out bool isGone)
    {
        int failed = 0;
        error = DiskDevices.Ok;
        isGone = false;
        for (int disk = 0; disk < _disks.Count; disk++)
        {
            TimeSpan from = _time.GetElapsedTime(_began);
            int answer = _read(_disks[disk].Path, out DiskReading reading);
            if (answer == DiskDevices.Ok)
            {
                Set(columns, disk, reading, new PdhMoment(from, _time.GetElapsedTime(_began)));
                continue;
            }

            failed++;
            error = answer;
            isGone |= IsNoDisk(answer);
            Fail(columns, disk, answer == DiskDevices.Denied ? FailureReason.AccessDenied : FailureReason.Error);
        }

        return failed;
    }

    private void Set(Columns columns, int disk, in DiskReading reading, PdhMoment moment)
    {
        Disk known = _disks[disk];
        int read = disk * 2 * ValuesPerDirection, write = read + ValuesPerDirection, rest = _disks.Count * 2 * ValuesPerDirection;
        columns.Set(read, reading.BytesRead);
        columns.Set(read + 1, known.Reads.Widen(reading.ReadCount));
        columns.Set(read + 2, reading.ReadTime / TicksPerSecond);
        columns.Set(write, reading.BytesWritten);
        columns.Set(write + 1, known.Writes.Widen(reading.WriteCount));
        columns.Set(write + 2, reading.WriteTime / TicksPerSecond);
        columns.Set(rest + disk, known.Busy.Complement(reading.IdleTime, reading.QueryTime, TicksPerSecond, moment) / TicksPerSecond);
        columns.Set(rest + _disks.Count + disk, reading.QueueDepth);
    }

    private void Fail(Columns columns, int disk, FailureReason reason)
    {
        int rest = _disks.Count * 2 * ValuesPerDirection;
        for (int value = 0; value < 2 * ValuesPerDirection; value++) columns.Fail((disk * 2 * ValuesPerDirection) + value, reason);
        columns.Fail(rest + disk, reason);
        columns.Fail(rest + _disks.Count + disk, reason);
    }

    private static bool IsNoDisk(int error) => error is DiskDevices.NotFound or DiskDevices.PathNotFound;

    private static Exception ErrorOf(string path, int error) => error switch
    {
        DiskDevices.Denied => new UnauthorizedAccessException($"{path} may not be opened, not even without access to its content (error 5)"),
        DiskDevices.NotFunction or DiskDevices.NotSupported => new NotSupportedException(
            $@"IOCTL_DISK_PERFORMANCE of {path} is not supported (error {error}): this edition of Windows counts nothing for it unless HKLM\SYSTEM\CurrentControlSet\Services\PartMgr has the DWORD EnableCounterForIoctl = 1, which takes a restart. The agent does not set it"),
        _ => new Win32Exception(error, $"IOCTL_DISK_PERFORMANCE of {path} answers error {error}"),
    };

    private sealed class Disk(string name, string path)
    {
        public string Name => name;

        public string Path => path;

        public PdhTrack Reads;
        public PdhTrack Writes;
        public PdhTrack Busy;
    }
}
