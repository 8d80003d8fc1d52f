using Weir.Agent.Events;

namespace Weir.Agent.Collectors.Windows.EventLog;

/// <summary>What records say: the words of their publishers, or, where a publisher is not known here or lacks the words, the record's data as the log has them.</summary>
/// <remarks>One thread at a time.</remarks>
internal sealed unsafe class EventMessages : IDisposable
{
    private const int MaxChars = 32 << 10;

    private readonly Dictionary<string, nint> _publishers = new(StringComparer.Ordinal);
    private readonly char[] _text = new char[MaxChars];

    /// <summary>The text of a record, bounded.</summary>
    public string Of(nint record, string provider)
    {
        nint publisher = PublisherOf(provider);
        uint used = 0, properties = 0;
        fixed (char* text = _text)
        {
            if (publisher != 0 && Wevtapi.EvtFormatMessage(publisher, record, 0, 0, 0, Wevtapi.EventMessage, MaxChars, text, &used)) return EventRecord.TextOf(Text(used));
            if (Wevtapi.EvtRender(0, record, Wevtapi.EventXml, MaxChars * sizeof(char), text, &used, &properties)) return EventRecord.TextOf(DataOf(Text(used / sizeof(char))));
        }

        return "this record has no text that can be read";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint publisher in _publishers.Values)
            if (publisher != 0) Wevtapi.EvtClose(publisher);
    }

    private nint PublisherOf(string provider)
    {
        if (_publishers.TryGetValue(provider, out nint publisher)) return publisher;
        publisher = Wevtapi.EvtOpenPublisherMetadata(0, provider, null, 0, 0);
        _publishers.Add(provider, publisher);
        return publisher;
    }

    // The count includes the zero at the end.
    private ReadOnlySpan<char> Text(uint used) => _text.AsSpan(0, (int)Math.Min(used, MaxChars)).TrimEnd('\0');

    // Behind </System> stand EventData or UserData, and nothing else of interest.
    private static ReadOnlySpan<char> DataOf(ReadOnlySpan<char> xml)
    {
        const string SystemEnd = "</System>", EventEnd = "</Event>";
        int at = xml.IndexOf(SystemEnd, StringComparison.Ordinal);
        ReadOnlySpan<char> rest = at < 0 ? xml : xml[(at + SystemEnd.Length)..];
        int end = rest.LastIndexOf(EventEnd, StringComparison.Ordinal);
        return end < 0 ? rest : rest[..end];
    }
}
