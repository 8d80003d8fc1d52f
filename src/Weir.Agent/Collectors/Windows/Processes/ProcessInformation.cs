using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Processes;

/// <summary>SYSTEM_PROCESS_INFORMATION of 64-bit Windows: a record of the list that NtQuerySystemInformation gives, followed by the threads of the process.</summary>
/// <remarks>Sizes and offsets are asserted by ProcessInformationTests. Times are in 100 ns, <see cref="CreateTime"/> since 1601.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal struct ProcessInformation
{
    /// <summary>Bytes to the next record; 0 at the last.</summary>
    public uint NextEntryOffset;
    public uint ThreadCount;
    public long WorkingSetPrivateSize;

    /// <summary>Faults that needed the disk; wraps at 32 bits.</summary>
    public uint HardFaultCount;
    public uint ThreadCountHighWatermark;
    public ulong CycleTime;
    public long CreateTime;
    public long UserTime;
    public long KernelTime;

    /// <summary>Bytes, not characters, of the name.</summary>
    public ushort NameLength;
    public ushort NameMaximumLength;

    /// <summary>The name, within the list.</summary>
    public nint Name;
    public int BasePriority;
    public nint Id;
    public nint ParentId;
    public uint HandleCount;
    public uint SessionId;
    public nuint UniqueKey;
    public nuint PeakVirtualSize;
    public nuint VirtualSize;

    /// <summary>Faults of both kinds; wraps at 32 bits.</summary>
    public uint PageFaultCount;
    public nuint PeakWorkingSetSize;
    public nuint WorkingSetSize;
    public nuint QuotaPeakPagedPoolUsage;
    public nuint QuotaPagedPoolUsage;
    public nuint QuotaPeakNonPagedPoolUsage;
    public nuint QuotaNonPagedPoolUsage;
    public nuint PagefileUsage;
    public nuint PeakPagefileUsage;

    /// <summary>Bytes committed for this process alone.</summary>
    public nuint PrivatePageCount;
    public long ReadOperationCount;
    public long WriteOperationCount;
    public long OtherOperationCount;
    public long ReadTransferCount;
    public long WriteTransferCount;
    public long OtherTransferCount;
}
