using System.Text;
using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>CPU, throttling, memory, disk I/O, processes and pressure per control group, from cgroup v2.</summary>
/// <remarks>
/// Looked for anew when the kernel counts other groups than before, when one vanished, and at every fortieth tick; other ticks allocate nothing. Where the unified
/// hierarchy is not at /sys/fs/cgroup (cgroup v1, or both of them mixed) it is not here. A controller that the kernel has but a group has not (a slice without memory accounting)
/// leaves that group's series without values; a memory limit of <c>max</c> is no value either. Disk I/O is the sum over devices, which does not fall when one goes
/// away; a stacked one counts at each layer. A file of more than a MiB is refused, with one notice. Pressure is the time in which some task waited (the kernel's <c>some</c>).
/// </remarks>
internal sealed class CgroupCollector(CollectorContext context) : ICollector
{
    private const int LookEvery = 40;
    private const double Micro = 1e6;

    private readonly string _root = Path.Combine(context.Roots.Sys, "fs", "cgroup");
    private readonly CgroupFiles _files = new(Path.Combine(context.Roots.Sys, "fs", "cgroup"));
    private Cgroup[] _groups = [];
    private CgroupParts? _parts;
    private ulong _descendants;
    private long _tick;
    private bool _hasVanished;
    private bool _saidBeyond;
    private bool _saidTooLarge;

    /// <inheritdoc/>
    public string Name => "cgroup";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ulong descendants = Descendants();
        if (_tick++ % LookEvery == 0 || _hasVanished || descendants != _descendants) Look(columns);
        _descendants = descendants;
        _hasVanished = false;
        if (_parts is not { } parts || _groups.Length == 0) return;
        for (int i = 0; i < _groups.Length; i++) Read(_groups[i], i, parts, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private void Look(Columns columns)
    {
        if (_files.TryRead(default, "cgroup.controllers"u8, out ReadOnlySpan<byte> text) != 0)
        {
            _files.Dispose();
            throw new FileNotFoundException($"{_root} holds no cgroup v2 hierarchy");
        }

        string[] controllers = Encoding.UTF8.GetString(text).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        bool hasPressure = File.Exists(Path.Combine(_root, "cpu.pressure"));
        Cgroup[] groups = CgroupTree.Scan(_root, context.Config.Names, out int beyond);
        if (beyond > 0 && !_saidBeyond) ProcessLog.GroupsBeyond(context.Logger, beyond, CgroupTree.MaxGroups);
        _saidBeyond |= beyond > 0;
        Take(groups, controllers, hasPressure, columns);
    }

    private void Take(Cgroup[] groups, string[] controllers, bool hasPressure, Columns columns)
    {
        if (_parts is not null && groups.SequenceEqual(_groups)) return;
        // Those that stay keep what they have summed.
        var known = new HashSet<Cgroup>(_groups);
        _groups = [.. groups.Select(group => known.TryGetValue(group, out Cgroup? kept) ? kept : group)];
        _parts = new CgroupParts(_groups, controllers, hasPressure);
        columns.Shape(_parts.All);
    }

    private ulong Descendants()
    {
        _ = _files.TryRead(default, "cgroup.stat"u8, out ReadOnlySpan<byte> text);
        return TryFind(text, "nr_descendants"u8, out ulong count) ? count : 0;
    }

    private void Read(Cgroup of, int index, CgroupParts parts, Columns columns)
    {
        byte[] group = of.Bytes;
        if (!TryRead(group, "cpu.stat"u8, out ReadOnlySpan<byte> cpu))
        {
            // Ended since: its series have no values at this tick, and are gone at the next.
            _hasVanished = true;
            return;
        }

        SetIfThere(cpu, "user_usec"u8, parts.Cpu + (index * 2), Micro, columns);
        SetIfThere(cpu, "system_usec"u8, parts.Cpu + (index * 2) + 1, Micro, columns);
        if (parts.Throttling >= 0)
        {
            SetIfThere(cpu, "throttled_usec"u8, parts.Throttling + (index * 2), Micro, columns);
            SetIfThere(cpu, "nr_throttled"u8, parts.Throttling + (index * 2) + 1, 1, columns);
        }

        if (parts.Memory >= 0) ReadMemory(group, index, parts, columns);
        if (parts.Io >= 0) ReadIo(of, index, parts, columns);
        if (parts.Processes >= 0 && TryNumber(group, "pids.current"u8, out ulong count)) columns.Set(parts.Processes + index, count);
        if (parts.Pressure < 0) return;
        ReadPressure(group, "cpu.pressure"u8, parts.Pressure + (index * 3), columns);
        ReadPressure(group, "memory.pressure"u8, parts.Pressure + (index * 3) + 1, columns);
        ReadPressure(group, "io.pressure"u8, parts.Pressure + (index * 3) + 2, columns);
    }

    private void ReadMemory(byte[] group, int index, CgroupParts parts, Columns columns)
    {
        if (!TryNumber(group, "memory.current"u8, out ulong usage)) return;
        columns.Set(parts.Memory + index, usage);
        if (TryNumber(group, "memory.max"u8, out ulong limit)) columns.Set(parts.MemoryLimit + (index * 2), limit);
        if (TryRead(group, "memory.events"u8, out ReadOnlySpan<byte> events)) SetIfThere(events, "oom_kill"u8, parts.MemoryLimit + (index * 2) + 1, 1, columns);
    }

    private void ReadIo(Cgroup group, int index, CgroupParts parts, Columns columns)
    {
        if (!TryRead(group.Bytes, "io.stat"u8, out ReadOnlySpan<byte> text) || !group.Io.TryTake(text)) return;
        CgroupIoCounts total = group.Io.Total;
        columns.Set(parts.Io + (index * 2), total.ReadBytes);
        columns.Set(parts.Io + (index * 2) + 1, total.WrittenBytes);
        columns.Set(parts.Operations + (index * 2), total.Reads);
        columns.Set(parts.Operations + (index * 2) + 1, total.Writes);
    }

    private void ReadPressure(byte[] group, ReadOnlySpan<byte> file, int series, Columns columns)
    {
        if (!TryRead(group, file, out ReadOnlySpan<byte> text) || !text.StartsWith("some "u8)) return;
        var lines = new ProcText(text);
        lines.TryLine(out ProcText line);
        int total = line.Rest.IndexOf("total="u8);
        if (total >= 0) columns.Set(series, new ProcText(line.Rest[(total + "total=".Length)..]).Number() / Micro);
    }

    private bool TryRead(byte[] group, scoped ReadOnlySpan<byte> file, out ReadOnlySpan<byte> text)
    {
        int error = _files.TryRead(group, file, out text);
        if (error == LibC.EFBig && !_saidTooLarge)
        {
            _saidTooLarge = true;
            ProcessLog.GroupFileTooLarge(context.Logger, $"{_root}/{Encoding.UTF8.GetString(group)}/{Encoding.UTF8.GetString(file)}", CgroupFiles.MaxBytes);
        }

        return error == 0;
    }

    private bool TryNumber(byte[] group, ReadOnlySpan<byte> file, out ulong value)
    {
        value = 0;
        if (!TryRead(group, file, out ReadOnlySpan<byte> text) || text.IsEmpty || text[0] is < (byte)'0' or > (byte)'9') return false;
        value = new ProcText(text.TrimEnd((byte)'\n')).Number();
        return true;
    }

    private static void SetIfThere(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, int series, double perUnit, Columns columns)
    {
        if (TryFind(text, key, out ulong value)) columns.Set(series, value / perUnit);
    }

    private static bool TryFind(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key, out ulong value)
    {
        value = 0;
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            if (!line.Word().SequenceEqual(key)) continue;
            value = line.Number();
            return true;
        }

        return false;
    }
}
