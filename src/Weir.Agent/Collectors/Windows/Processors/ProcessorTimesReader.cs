using System.ComponentModel;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Reads the times of all logical processors.</summary>
/// <remarks>
/// Group by group through NtQuerySystemInformationEx, or in one call of NtQuerySystemInformation, which sees the calling thread's group only: at most
/// 64. The buffer is kept; nothing is allocated unless groups or processors were added.
/// </remarks>
/// <param name="byGroup">Whether to ask group by group.</param>
internal sealed unsafe class ProcessorTimesReader(bool byGroup)
{
    private NativeMethods.ProcessorTimes[] _times = [];
    private int[] _active = [];

    /// <summary>The numbers of the processors (<see cref="ProcessorNumbers"/>): a new array whenever they changed.</summary>
    public int[] Numbers { get; private set; } = [];

    /// <summary>Reads the times of each of <see cref="Numbers"/>, valid until the next call.</summary>
    /// <exception cref="Win32Exception">The system refuses to tell.</exception>
    public ReadOnlySpan<NativeMethods.ProcessorTimes> Read()
    {
        int groups = byGroup ? NativeMethods.GetActiveProcessorGroupCount() : 1;
        bool changed = groups != _active.Length;
        if (changed)
        {
            _active = new int[groups];
            _times = new NativeMethods.ProcessorTimes[groups * ProcessorNumbers.MaxPerGroup];
        }

        int total = 0;
        for (int group = 0; group < groups; group++)
        {
            int count = Read((ushort)group, _times.AsSpan(total, ProcessorNumbers.MaxPerGroup));
            changed |= count != _active[group];
            _active[group] = count;
            total += count;
        }

        if (changed) Numbers = ProcessorNumbers.Of(_active, [.. Enumerable.Range(0, groups).Select(static group => (int)NativeMethods.GetMaximumProcessorCount((ushort)group))]);
        return _times.AsSpan(0, total);
    }

    private int Read(ushort group, Span<NativeMethods.ProcessorTimes> times)
    {
        uint size = (uint)sizeof(NativeMethods.ProcessorTimes), room = (uint)times.Length * size, returned;
        int status;
        fixed (NativeMethods.ProcessorTimes* buffer = times)
            status = byGroup
                ? NativeMethods.NtQuerySystemInformationEx(NativeMethods.ProcessorPerformance, &group, sizeof(ushort), buffer, room, out returned)
                : NativeMethods.NtQuerySystemInformation(NativeMethods.ProcessorPerformance, buffer, room, out returned);
        if (status < 0) throw new Win32Exception(status, $"the times of processor group {group} are refused with 0x{status:X8}");
        if (returned < size) throw new Win32Exception($"processor group {group} has no processor");
        return (int)(returned / size);
    }
}
