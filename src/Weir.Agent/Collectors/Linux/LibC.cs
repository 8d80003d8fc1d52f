using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The calls of the C library for which .NET has no allocation-free form.</summary>
/// <remarks>Structures are those of 64-bit Linux, equal in glibc and musl on x64 and arm64.</remarks>
internal static unsafe partial class LibC
{
    /// <summary>sysconf: clock ticks per second of /proc/stat.</summary>
    public const int ScClkTck = 2;

    /// <summary>statvfs flag: mounted read-only.</summary>
    public const ulong StReadOnly = 1;

    /// <summary>open flag: close on exec.</summary>
    public const int OCloseOnExec = 0x80000;

    [LibraryImport("libc", EntryPoint = "sysconf")]
    public static partial nint SysConf(int name);

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true)]
    public static partial int StatVfs(byte* path, StatVfsBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    public static partial int AdjTimeX(Timex* buffer);

    /// <summary>struct timex. <see cref="Modes"/> of zero changes nothing.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Timex
    {
        public uint Modes;
        public nint Offset;
        public nint Frequency;
        public nint MaxError;
        public nint EstimatedError;
        public int Status;
        public nint Constant;
        public nint Precision;
        public nint Tolerance;
        public fixed long Time[2];
        public nint Tick;
        public nint PulseFrequency;
        public nint PulseJitter;
        public int PulseShift;
        public nint PulseStability;
        public fixed long PulseCounts[4];
        public int InternationalAtomicTimeOffset;
        public fixed int Spare[11];
    }

    /// <summary>struct statvfs.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct StatVfsBuffer
    {
        public ulong BlockSize;
        public ulong FragmentSize;
        public ulong Blocks;
        public ulong FreeBlocks;
        public ulong AvailableBlocks;
        public ulong Files;
        public ulong FreeFiles;
        public ulong AvailableFiles;
        public ulong Id;
        public ulong Flags;
        public ulong MaxNameLength;
        public fixed int Spare[6];
    }
}
