using System.Globalization;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>A record of a channel behind which reading goes on.</summary>
/// <remarks>The system knows the record by its number in the channel's own log, which for records that were forwarded from elsewhere is not the one that they carry.</remarks>
internal sealed unsafe class EventBookmark : IDisposable
{
    private const int MaxXmlChars = 4096;
    private const string NumberName = "RecordId=";

    private readonly string _channel;

    private EventBookmark(string channel, string? xml)
    {
        _channel = channel;
        Handle = Wevtapi.EvtCreateBookmark(xml);
        if (Handle == 0) throw EventLogFailure.Of(nameof(Wevtapi.EvtCreateBookmark), channel, Marshal.GetLastPInvokeError());
    }

    /// <summary>What a subscription begins behind.</summary>
    public nint Handle { get; }

    /// <summary>Marks a record.</summary>
    /// <exception cref="SourceException">It cannot be marked.</exception>
    public static EventBookmark Of(string channel, nint record)
    {
        var bookmark = new EventBookmark(channel, null);
        try
        {
            bookmark.Move(record);
            return bookmark;
        }
        catch
        {
            bookmark.Dispose();
            throw;
        }
    }

    /// <summary>Marks a record by its number, whether it can be read or not.</summary>
    /// <exception cref="SourceException">It cannot be marked.</exception>
    public static EventBookmark At(string channel, long number) =>
        new(channel, string.Create(CultureInfo.InvariantCulture, $"<BookmarkList><Bookmark Channel='{System.Security.SecurityElement.Escape(channel)}' RecordId='{number}' IsCurrent='true'/></BookmarkList>"));

    /// <summary>Marks another record.</summary>
    /// <exception cref="SourceException">It cannot be marked.</exception>
    public void Move(nint record)
    {
        if (!Wevtapi.EvtUpdateBookmark(Handle, record)) throw EventLogFailure.Of(nameof(Wevtapi.EvtUpdateBookmark), _channel, Marshal.GetLastPInvokeError());
    }

    /// <summary>The marked record's number; null where the system does not say it. Allocates.</summary>
    public long? Number()
    {
        char* xml = stackalloc char[MaxXmlChars];
        uint used = 0, properties = 0;
        if (!Wevtapi.EvtRender(0, Handle, Wevtapi.BookmarkXml, MaxXmlChars * sizeof(char), xml, &used, &properties)) return null;
        ReadOnlySpan<char> text = new(xml, (int)Math.Min(used / sizeof(char), MaxXmlChars));
        int at = text.IndexOf(NumberName, StringComparison.Ordinal);
        if (at < 0) return null;
        text = text[(at + NumberName.Length)..].TrimStart("'\"");
        int end = text.IndexOfAnyExceptInRange('0', '9');
        return long.TryParse(end < 0 ? text : text[..end], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    /// <summary>The record behind the marked one, whether it can be read or not; null where the number of this one is not known.</summary>
    /// <exception cref="SourceException">It cannot be marked.</exception>
    public EventBookmark? Next() => Number() is { } number ? At(_channel, number + 1) : null;

    /// <inheritdoc/>
    public void Dispose() => Wevtapi.EvtClose(Handle);
}
