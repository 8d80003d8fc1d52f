using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>The calls of pdh.dll that the agent makes. Each answers a status of <see cref="PdhStatus"/>.</summary>
internal static unsafe partial class PdhNative
{
    /// <summary>PERF_DETAIL_WIZARD: all objects.</summary>
    public const uint AllDetails = 400;

    private const string Library = "pdh.dll";

    [LibraryImport(Library)]
    public static partial uint PdhOpenQueryW(char* source, nuint user, out nint query);

    [LibraryImport(Library)]
    public static partial uint PdhCloseQuery(nint query);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint PdhAddEnglishCounterW(nint query, string path, nuint user, out nint counter);

    [LibraryImport(Library)]
    public static partial uint PdhRemoveCounter(nint counter);

    [LibraryImport(Library)]
    public static partial uint PdhCollectQueryData(nint query);

    [LibraryImport(Library)]
    public static partial uint PdhGetCounterInfoW(nint counter, byte explain, ref uint bytes, CounterInfo* info);

    [LibraryImport(Library)]
    public static partial uint PdhGetCounterTimeBase(nint counter, out long unitsPerSecond);

    [LibraryImport(Library)]
    public static partial uint PdhGetRawCounterValue(nint counter, uint* type, RawCounter* value);

    [LibraryImport(Library)]
    public static partial uint PdhGetRawCounterArrayW(nint counter, ref uint bytes, ref uint count, RawItem* items);

    [LibraryImport(Library)]
    public static partial uint PdhEnumObjectsW(char* source, char* machine, char* objects, ref uint characters, uint detail, int refresh);

    /// <summary>PDH_RAW_COUNTER; its FILETIME is aligned to four bytes only.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RawCounter
    {
        public uint Status;
        public uint TimeLow;
        public uint TimeHigh;
        public long First;
        public long Second;
        public uint MultiCount;
    }

    /// <summary>PDH_RAW_COUNTER_ITEM_W; the name lies in the same buffer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct RawItem
    {
        public char* Name;
        public RawCounter Value;
    }

    /// <summary>The head of PDH_COUNTER_INFO_W.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct CounterInfo
    {
        public uint Length;
        public uint Type;
    }
}
