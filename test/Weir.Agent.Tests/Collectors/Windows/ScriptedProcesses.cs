using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Weir.Agent.Collectors.Windows.Processes;

namespace Weir.Agent.Tests.Collectors.Windows;

/// <summary>A list of processes as Windows gives it, made by a test. Without names: the collector calls each <c>?</c>.</summary>
internal sealed class ScriptedProcesses
{
    private readonly List<ProcessInformation> _processes = [];

    /// <summary>Whether the list breaks off behind the last process.</summary>
    public bool IsCut { get; set; }

    /// <summary>The processes of the next tick.</summary>
    public void Set(params IEnumerable<(int Pid, DateTimeOffset Started, double CpuSeconds)> processes)
    {
        _processes.Clear();
        foreach ((int pid, DateTimeOffset started, double seconds) in processes)
            _processes.Add(new ProcessInformation { Id = pid, CreateTime = started.ToFileTime(), UserTime = (long)(seconds * TimeSpan.TicksPerSecond) });
    }

    /// <summary>Fills a list.</summary>
    public void Read(ProcessList list)
    {
        int size = Unsafe.SizeOf<ProcessInformation>();
        Span<ProcessInformation> all = CollectionsMarshal.AsSpan(_processes);
        for (int i = 0; i < all.Length; i++) all[i].NextEntryOffset = i < all.Length - 1 || IsCut ? (uint)size : 0;
        list.Take(MemoryMarshal.AsBytes(all));
    }
}
