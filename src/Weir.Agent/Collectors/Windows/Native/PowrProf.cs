using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

internal static unsafe partial class NativeMethods
{
    /// <summary>POWER_INFORMATION_LEVEL ProcessorInformation.</summary>
    public const int ProcessorPowerInformation = 11;

    [LibraryImport("powrprof.dll")]
    public static partial int CallNtPowerInformation(int level, void* input, uint inputLength, void* output, uint outputLength);

    /// <summary>PROCESSOR_POWER_INFORMATION; frequencies in MHz.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ProcessorPower
    {
        public uint Number;
        public uint MaxMHz;
        public uint CurrentMHz;
        public uint LimitMHz;
        public uint MaxIdleState;
        public uint CurrentIdleState;
    }
}
