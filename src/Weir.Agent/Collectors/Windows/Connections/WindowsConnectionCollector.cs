using System.ComponentModel;

namespace Weir.Agent.Collectors.Windows;

/// <summary>TCP connections by state, UDP endpoints, and what TCP and UDP have sent and received, over IPv4 and IPv6 together.</summary>
/// <remarks>
/// The tables are read into one buffer of this collector, which grows with them. The system counts segments in 32 bits for each protocol; what is
/// reported begins there, and does not wrap. Resets are segments sent with RST. Segments received include those in error; retransmitted ones are no part
/// of those sent. Where the host has no IPv6, its part is nothing.
/// </remarks>
internal sealed unsafe class WindowsConnectionCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.ConnectionCount, ConnectionStates.Instances),
        new(Templates.TcpSegments, [["receive"], ["transmit"]]),
        new(Templates.TcpRetransmits, [[]]),
        new(Templates.UdpDatagrams, [["receive"], ["transmit"]]),
    ];

    private const uint InsufficientBuffer = 122;
    private const uint NotSupported = 50;
    private const int MaxAttempts = 5;

    // TCP_TABLE_BASIC_ALL and UDP_TABLE_BASIC exist for IPv4 only, the tables with owners (5 and 1) for both.
    private const int TcpWithOwners = 5;
    private const int UdpWithOwners = 1;
    private const int RowsAt = sizeof(uint);

    private readonly NativeBuffer _buffer = new();
    private readonly int[] _states = new int[ConnectionStates.Count];
    private readonly ProtocolCounters _v4 = new();
    private readonly ProtocolCounters _v6 = new();

    /// <inheritdoc/>
    public string Name => "connections";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        Array.Clear(_states);
        CountTcp(NativeMethods.IPv4, rowBytes: 24, stateAt: 0);
        CountTcp(NativeMethods.IPv6, rowBytes: 56, stateAt: 48);
        for (int state = 0; state < _states.Length; state++) columns.Set(state, _states[state]);
        int at = _states.Length;
        columns.Set(at, (double)CountUdp(NativeMethods.IPv4) + CountUdp(NativeMethods.IPv6));

        Read(_v4, NativeMethods.IPv4);
        Read(_v6, NativeMethods.IPv6);
        columns.Set(at + 1, _v4.SegmentsIn.Total + _v6.SegmentsIn.Total);
        columns.Set(at + 2, _v4.SegmentsOut.Total + _v6.SegmentsOut.Total);
        columns.Set(at + 3, _v4.Retransmits.Total + _v6.Retransmits.Total);
        columns.Set(at + 4, _v4.Resets.Total + _v6.Resets.Total);
        columns.Set(at + 5, _v4.DatagramsIn.Total + _v6.DatagramsIn.Total);
        columns.Set(at + 6, _v4.DatagramsOut.Total + _v6.DatagramsOut.Total);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    private void CountTcp(int family, int rowBytes, int stateAt)
    {
        uint rows = Read(family, tcp: true);
        // What the buffer holds bounds what is read, whatever the table says.
        rows = Math.Min(rows, (_buffer.Length - RowsAt) / (uint)rowBytes);
        byte* state = _buffer.Pointer + RowsAt + stateAt;
        for (uint row = 0; row < rows; row++, state += rowBytes) _states[ConnectionStates.PlaceOf(*(uint*)state)]++;
    }

    private uint CountUdp(int family) => Read(family, tcp: false);

    // The table may grow between two calls.
    private uint Read(int family, bool tcp)
    {
        _buffer.Reserve(4096);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            uint bytes = _buffer.Length;
            uint error = tcp
                ? NativeMethods.GetExtendedTcpTable(_buffer.Pointer, &bytes, 0, family, TcpWithOwners, 0)
                : NativeMethods.GetExtendedUdpTable(_buffer.Pointer, &bytes, 0, family, UdpWithOwners, 0);
            if (error == 0) return *(uint*)_buffer.Pointer;
            if (error == NotSupported && family == NativeMethods.IPv6) return 0;
            if (error != InsufficientBuffer) throw new Win32Exception((int)error);
            _buffer.Reserve(Math.Max(bytes, _buffer.Length) / 4 * 5);
        }

        throw new Win32Exception((int)InsufficientBuffer, "the table of connections grows faster than it can be read");
    }

    private static void Read(ProtocolCounters counters, int family)
    {
        NativeMethods.TcpStatistics tcp;
        NativeMethods.UdpStatistics udp;
        if (!IsThere(NativeMethods.GetTcpStatisticsEx(&tcp, family), family) || !IsThere(NativeMethods.GetUdpStatisticsEx(&udp, family), family)) return;
        counters.SegmentsIn.Next(tcp.SegmentsIn);
        counters.SegmentsOut.Next(tcp.SegmentsOut);
        counters.Retransmits.Next(tcp.SegmentsRetransmitted);
        counters.Resets.Next(tcp.ResetsOut);
        counters.DatagramsIn.Next(udp.DatagramsIn);
        counters.DatagramsOut.Next(udp.DatagramsOut);
    }

    private static bool IsThere(uint error, int family)
    {
        if (error == 0) return true;
        if (error == NotSupported && family == NativeMethods.IPv6) return false;
        throw new Win32Exception((int)error);
    }

    private sealed class ProtocolCounters
    {
        public WrappingCounter SegmentsIn;
        public WrappingCounter SegmentsOut;
        public WrappingCounter Retransmits;
        public WrappingCounter Resets;
        public WrappingCounter DatagramsIn;
        public WrappingCounter DatagramsOut;
    }
}
