using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

internal static unsafe partial class NativeMethods
{
    /// <summary>AF_INET.</summary>
    public const int IPv4 = 2;

    /// <summary>AF_INET6.</summary>
    public const int IPv6 = 23;

    [LibraryImport("iphlpapi.dll")]
    public static partial uint GetIfTable2(InterfaceTableHeader** table);

    [LibraryImport("iphlpapi.dll")]
    public static partial void FreeMibTable(void* table);

    [LibraryImport("iphlpapi.dll")]
    public static partial uint GetExtendedTcpTable(void* table, uint* bytes, int sorted, int family, int kind, uint reserved);

    [LibraryImport("iphlpapi.dll")]
    public static partial uint GetExtendedUdpTable(void* table, uint* bytes, int sorted, int family, int kind, uint reserved);

    [LibraryImport("iphlpapi.dll")]
    public static partial uint GetTcpStatisticsEx(TcpStatistics* statistics, int family);

    [LibraryImport("iphlpapi.dll")]
    public static partial uint GetUdpStatisticsEx(UdpStatistics* statistics, int family);

    /// <summary>MIB_IF_TABLE2 up to its first row.</summary>
    [StructLayout(LayoutKind.Explicit, Size = RowsAt)]
    public struct InterfaceTableHeader
    {
        /// <summary>Where the rows begin.</summary>
        public const int RowsAt = 8;

        [FieldOffset(0)]
        public uint Count;
    }

    /// <summary>The part of MIB_IF_ROW2 that is read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 1352)]
    public struct InterfaceRow
    {
        /// <summary>Characters of an alias with its final zero.</summary>
        public const int MaxAlias = 257;

        [FieldOffset(0)]
        public ulong Luid;

        [FieldOffset(28)]
        public fixed char Alias[MaxAlias];

        [FieldOffset(1128)]
        public uint Type;

        [FieldOffset(1152)]
        public byte Flags;

        [FieldOffset(1156)]
        public uint OperStatus;

        [FieldOffset(1208)]
        public ulong InOctets;

        [FieldOffset(1216)]
        public ulong InUnicastPackets;

        [FieldOffset(1224)]
        public ulong InOtherPackets;

        [FieldOffset(1232)]
        public ulong InDiscards;

        [FieldOffset(1240)]
        public ulong InErrors;

        [FieldOffset(1280)]
        public ulong OutOctets;

        [FieldOffset(1288)]
        public ulong OutUnicastPackets;

        [FieldOffset(1296)]
        public ulong OutOtherPackets;

        [FieldOffset(1304)]
        public ulong OutDiscards;

        [FieldOffset(1312)]
        public ulong OutErrors;

        /// <summary>The alias up to its final zero, within this row.</summary>
        [UnscopedRef]
        public readonly ReadOnlySpan<char> Name
        {
            get
            {
                ReadOnlySpan<char> alias = MemoryMarshal.CreateReadOnlySpan(in Alias[0], MaxAlias);
                int end = alias.IndexOf('\0');
                return end < 0 ? alias : alias[..end];
            }
        }
    }

    /// <summary>MIB_TCPSTATS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcpStatistics
    {
        public uint RetransmitAlgorithm;
        public uint RetransmitMinimum;
        public uint RetransmitMaximum;
        public uint MaxConnections;
        public uint ActiveOpens;
        public uint PassiveOpens;
        public uint AttemptFails;
        public uint EstablishedResets;
        public uint Established;
        public uint SegmentsIn;
        public uint SegmentsOut;
        public uint SegmentsRetransmitted;
        public uint ErrorsIn;
        public uint ResetsOut;
        public uint Connections;
    }

    /// <summary>MIB_UDPSTATS.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct UdpStatistics
    {
        public uint DatagramsIn;
        public uint NoPorts;
        public uint ErrorsIn;
        public uint DatagramsOut;
        public uint Endpoints;
    }
}
