using System.Diagnostics.Metrics;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>What the agent shows of its uplink, as instruments of the meter <c>Weir.Agent</c>. Thread-safe.</summary>
internal sealed class UplinkMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMetrics.MeterName);
    private readonly Counter<long> _entries;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _directives;
    private volatile Unanswered? _unanswered;

    /// <summary>Makes the instruments.</summary>
    public UplinkMetrics()
    {
        _entries = _meter.CreateCounter<long>("weir.agent.uplink.entries", "{entry}", "Entries answered by the gateway, by answer: ack, retry, need, reject.");
        _sent = _meter.CreateCounter<long>("weir.agent.uplink.sent", "{entry}", "Entries sent, those sent again included.");
        _bytes = _meter.CreateCounter<long>("weir.agent.uplink.sent.bytes", "By", "Entry bytes sent, those sent again included.");
        _reconnects = _meter.CreateCounter<long>("weir.agent.uplink.reconnects", "{connection}", "Connections after the first, by what ended the one before: refused, silent, draining, ended.");
        _directives = _meter.CreateCounter<long>("weir.agent.uplink.directives", "{directive}", "Directives answered, by status: done, partly, refused, expired, unknown.");
        _meter.CreateObservableGauge("weir.agent.uplink.connected", () => _unanswered is null ? 0 : 1, "{connection}", "Whether a gateway has welcomed the agent and the connection stands.");
        _meter.CreateObservableGauge("weir.agent.uplink.unanswered.bytes", () => _unanswered?.Bytes ?? 0, "By", "Entry bytes sent and not answered.");
        _meter.CreateObservableGauge("weir.agent.uplink.unanswered.limit", () => _unanswered?.CreditBytes ?? 0, "By", "Most entry bytes that the gateway lets be unanswered; 0 without a connection.");
    }

    /// <summary>A gateway has welcomed the agent.</summary>
    public void Connected(Unanswered unanswered) => _unanswered = unanswered;

    /// <summary>The connection is over.</summary>
    public void Disconnected() => _unanswered = null;

    /// <summary>Counts a batch.</summary>
    public void Sent(int entries, int bytes)
    {
        _sent.Add(entries);
        _bytes.Add(bytes);
    }

    /// <summary>Counts answered entries.</summary>
    public void Answered(string answer, int entries)
    {
        if (entries > 0) _entries.Add(entries, new KeyValuePair<string, object?>("answer", answer));
    }

    /// <summary>Counts a connection that follows another.</summary>
    public void Reconnecting(string ended) => _reconnects.Add(1, new KeyValuePair<string, object?>("after", ended));

    /// <summary>Counts an answered directive.</summary>
    public void Directive(DirectiveStatus status) => _directives.Add(1, new KeyValuePair<string, object?>("status", NameOf(status)));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static string NameOf(DirectiveStatus status) => status switch
    {
        DirectiveStatus.Done => "done",
        DirectiveStatus.Partly => "partly",
        DirectiveStatus.Refused => "refused",
        DirectiveStatus.Expired => "expired",
        _ => "unknown",
    };
}
