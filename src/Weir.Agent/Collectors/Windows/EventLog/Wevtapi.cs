using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>The event log's functions. Handles are closed with <see cref="EvtClose"/>; a null handle and false are failures with a last error.</summary>
internal static unsafe partial class Wevtapi
{
    /// <summary>EvtSubscribeStartAtOldestRecord.</summary>
    public const uint FromOldest = 2;

    /// <summary>EvtSubscribeStartAfterBookmark, not strict: where the marked record is gone it begins with the next that is there.</summary>
    public const uint AfterBookmark = 3;

    /// <summary>EvtQueryChannelPath and EvtQueryReverseDirection.</summary>
    public const uint NewestFirst = 0x201;

    /// <summary>EvtOpenChannelPath.</summary>
    public const uint ChannelPath = 1;

    /// <summary>EvtLogNumberOfLogRecords.</summary>
    public const uint LogRecords = 5;

    /// <summary>EvtLogOldestRecordNumber.</summary>
    public const uint LogOldestRecord = 6;

    /// <summary>EvtRenderContextValues.</summary>
    public const uint ChosenValues = 0;

    /// <summary>EvtRenderEventValues.</summary>
    public const uint EventValues = 0;

    /// <summary>EvtRenderEventXml.</summary>
    public const uint EventXml = 1;

    /// <summary>EvtFormatMessageEvent.</summary>
    public const uint EventMessage = 1;

    /// <summary>EvtRenderBookmark.</summary>
    public const uint BookmarkXml = 2;

    public const uint TypeString = 1, TypeByte = 4;

    public const int AccessDenied = 5, InsufficientBuffer = 122, NoMoreItems = 259, Timeout = 1460, InvalidOperation = 4317, ServerUnavailable = 1722, InvalidBound = 1734, ChannelNotFound = 15007;

    [LibraryImport("wevtapi.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint EvtSubscribe(nint session, nint signal, string channel, string query, nint bookmark, void* context, void* callback, uint flags);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtNext(nint results, uint size, nint* events, uint timeoutMs, uint flags, uint* returned);

    [LibraryImport("wevtapi.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint EvtQuery(nint session, string channel, string query, uint flags);

    [LibraryImport("wevtapi.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint EvtCreateBookmark(string? xml);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtUpdateBookmark(nint bookmark, nint record);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    public static partial nint EvtCreateRenderContext(uint count, char** paths, uint flags);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtRender(nint context, nint fragment, uint flags, uint size, void* buffer, uint* used, uint* count);

    [LibraryImport("wevtapi.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint EvtOpenPublisherMetadata(nint session, string publisher, string? logFile, uint locale, uint flags);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtFormatMessage(nint publisher, nint record, uint message, uint valueCount, nint values, uint flags, uint size, char* buffer, uint* used);

    [LibraryImport("wevtapi.dll", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint EvtOpenLog(nint session, string path, uint flags);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtGetLogInfo(nint log, uint property, uint size, Value* value, uint* used);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    public static partial nint EvtOpenChannelEnum(nint session, uint flags);

    [LibraryImport("wevtapi.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtNextChannelPath(nint channels, uint size, char* buffer, uint* used);

    [LibraryImport("wevtapi.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool EvtClose(nint handle);

    /// <summary>EVT_VARIANT.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    public struct Value
    {
        [FieldOffset(0)]
        public byte Byte;

        [FieldOffset(0)]
        public ulong Number;

        [FieldOffset(8)]
        public uint Count;

        [FieldOffset(12)]
        public uint Type;
    }
}
