using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>Every channel of the system.</summary>
internal static unsafe class EventChannelList
{
    private const int MaxPath = 1024;
    private const int MaxChannels = 10_000;

    /// <summary>Lists them.</summary>
    /// <exception cref="SourceException">They cannot be listed.</exception>
    public static IEnumerable<string> Read()
    {
        nint channels = Wevtapi.EvtOpenChannelEnum(0, 0);
        if (channels == 0) throw EventLogFailure.Of(nameof(Wevtapi.EvtOpenChannelEnum), "the list", Marshal.GetLastPInvokeError());
        var names = new List<string>();
        try
        {
            char* path = stackalloc char[MaxPath];
            uint used = 0;
            while (names.Count < MaxChannels && Wevtapi.EvtNextChannelPath(channels, MaxPath, path, &used)) names.Add(new string(path));
        }
        finally
        {
            Wevtapi.EvtClose(channels);
        }

        return names;
    }
}
