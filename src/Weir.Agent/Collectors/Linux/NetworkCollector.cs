using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Bytes, packets, drops and errors per network interface from /proc/net/dev.</summary>
/// <remarks>
/// Left out: <c>lo</c>, and the host's ends of container and virtual machine links (<c>veth</c>, <c>cali</c>, <c>lxc</c>, <c>tap</c>, <c>vnet</c>),
/// which come and go with their guests and repeat what the bridge and the uplink count. An interface appears with its first packet, since kernels
/// create some in advance (<c>ifb0</c>, <c>dummy0</c>, <c>sit0</c>).
/// </remarks>
internal sealed class NetworkCollector(CollectorContext context) : ICollector
{
    private static readonly string[] GuestLinks = ["veth", "cali", "lxc", "tap", "vnet"];

    private const int ValuesPerDirection = 3;

    private readonly ProcFile _dev = new(Path.Combine(context.Roots.Proc, "net", "dev"));
    private readonly DeviceTable _interfaces = new(name => UseOf(name, context.Config.Names));

    /// <inheritdoc/>
    public string Name => "network";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _dev.Read();
        if (Walk(text, columns)) return;
        Learn(text);
        string[][] instances = [.. _interfaces.Reported.SelectMany(static name => (string[][])[[name, "receive"], [name, "transmit"]])];
        columns.Shape(instances.Length == 0 ? [] : [new SchemaPart(Templates.Network, instances), new SchemaPart(Templates.NetworkPackets, instances)]);
        Walk(text, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _dev.Dispose();

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        int packetsAt = _interfaces.Reported.Count * 2 * ValuesPerDirection;
        _interfaces.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            if (!TryParse(ref line, out ReadOnlySpan<byte> name, out Direction receive, out Direction transmit)) continue;
            int index = _interfaces.Next(name, receive.Packets + transmit.Packets > 0);
            if (index < 0) continue;
            Set(columns, index * 2, packetsAt, receive);
            Set(columns, (index * 2) + 1, packetsAt, transmit);
        }

        return _interfaces.End();
    }

    private void Learn(ReadOnlySpan<byte> text)
    {
        _interfaces.Clear();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
            if (TryParse(ref line, out ReadOnlySpan<byte> name, out Direction receive, out Direction transmit))
                _interfaces.Learn(name, receive.Packets + transmit.Packets > 0);
    }

    // name: bytes packets errs drop fifo frame compressed multicast, then bytes packets errs drop ...; two lines of headings contain no such colon.
    private static bool TryParse(ref ProcText line, out ReadOnlySpan<byte> name, out Direction receive, out Direction transmit)
    {
        receive = transmit = default;
        name = default;
        if (line.Rest.Contains((byte)'|')) return false;
        name = line.Until((byte)':');
        receive = new Direction(line.Number(), line.Number(), line.Number(), line.Number());
        line.Skip(4);
        transmit = new Direction(line.Number(), line.Number(), line.Number(), line.Number());
        return !name.IsEmpty;
    }

    private static void Set(Columns columns, int instance, int packetsAt, Direction direction)
    {
        columns.Set(instance * ValuesPerDirection, direction.Bytes);
        columns.Set((instance * ValuesPerDirection) + 1, direction.Dropped);
        columns.Set((instance * ValuesPerDirection) + 2, direction.Errors);
        columns.Set(packetsAt + instance, direction.Packets);
    }

    private static DeviceUse UseOf(string name, NamePatterns names)
    {
        if (names.Says(name) is { } said) return said ? DeviceUse.WhenActive : DeviceUse.Never;
        if (name == "lo") return DeviceUse.Never;
        foreach (string prefix in GuestLinks)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return DeviceUse.Never;
        return DeviceUse.WhenActive;
    }

    private readonly record struct Direction(ulong Bytes, ulong Packets, ulong Errors, ulong Dropped);
}
