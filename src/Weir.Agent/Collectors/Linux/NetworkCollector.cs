using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Bytes, packets, drops and errors, also by kind, per network interface from /proc/net/dev.</summary>
/// <remarks>
/// Left out: <c>lo</c>, and the host's ends of container and virtual machine links (<c>veth</c>, <c>cali</c>, <c>lxc</c>, <c>tap</c>, <c>vnet</c>),
/// which come and go with their guests and repeat what the bridge and the uplink count. An interface appears with its first packet, since kernels
/// create some in advance (<c>ifb0</c>, <c>dummy0</c>, <c>sit0</c>). An interface whose line is cut or holds what is no number fails alone.
/// </remarks>
internal sealed class NetworkCollector(CollectorContext context) : ICollector
{
    private static readonly string[] GuestLinks = ["veth", "cali", "lxc", "tap", "vnet"];

    // In the order of the file: the first two of them are received.
    private static readonly (string Direction, string Kind)[] ErrorKinds =
        [("receive", "fifo"), ("receive", "frame"), ("transmit", "fifo"), ("transmit", "collision"), ("transmit", "carrier")];

    private const int ValuesPerDirection = 3;
    private const int ReceiveKinds = 2;

    private readonly ProcFile _dev = new(Path.Combine(context.Roots.Proc, "net", "dev"));
    private readonly DeviceTable _interfaces = new(name => UseOf(name, context.Config.Names));
    private string[]? _shaped;

    /// <inheritdoc/>
    public string Name => "network";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _dev.Read();
        if (_shaped is not null && Walk(text, columns)) return;
        Learn(text);
        // What is not reported comes and goes: the same interfaces keep their schema.
        if (_shaped is null || !_interfaces.Reported.SequenceEqual(_shaped)) Shape(columns);
        Walk(text, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _dev.Dispose();

    private void Shape(Columns columns)
    {
        _shaped = null;
        string[][] instances = [.. _interfaces.Reported.SelectMany(static name => (string[][])[[name, "receive"], [name, "transmit"]])];
        string[][] kinds = [.. _interfaces.Reported.SelectMany(static name => ErrorKinds.Select(kind => (string[])[name, kind.Direction, kind.Kind]))];
        columns.Shape(
            instances.Length == 0 ? [] :
            [new SchemaPart(Templates.Network, instances), new SchemaPart(Templates.NetworkPackets, instances), new SchemaPart(Templates.NetworkErrorKinds, kinds)]);
        _shaped = [.. _interfaces.Reported];
    }

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        int instances = _interfaces.Reported.Count * 2;
        _interfaces.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            if (!TryParse(ref line, out ReadOnlySpan<byte> name, out Direction receive, out Direction transmit)) continue;
            int index = _interfaces.Next(name, receive.Packets + transmit.Packets > 0 && !line.IsMalformed);
            if (index < 0) continue;
            FailureReason? failure = line.IsMalformed ? FailureReason.Error : null;
            Set(columns, index * 2, instances, receive, failure);
            Set(columns, (index * 2) + 1, instances, transmit, failure);
            int kindsAt = (instances * (ValuesPerDirection + 1)) + (index * ErrorKinds.Length);
            Set(columns, kindsAt, receive.Fifo, failure);
            Set(columns, kindsAt + 1, receive.Frame, failure);
            Set(columns, kindsAt + ReceiveKinds, transmit.Fifo, failure);
            Set(columns, kindsAt + ReceiveKinds + 1, transmit.Frame, failure);
            Set(columns, kindsAt + ReceiveKinds + 2, transmit.Carrier, failure);
        }

        return _interfaces.End();
    }

    private void Learn(ReadOnlySpan<byte> text)
    {
        _interfaces.Clear();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
            if (TryParse(ref line, out ReadOnlySpan<byte> name, out Direction receive, out Direction transmit))
                _interfaces.Learn(name, receive.Packets + transmit.Packets > 0, !line.IsMalformed);
    }

    // name: bytes packets errs drop fifo frame compressed multicast, then bytes packets errs drop fifo colls carrier compressed; the two lines of headings have a bar.
    private static bool TryParse(ref ProcText line, out ReadOnlySpan<byte> name, out Direction receive, out Direction transmit)
    {
        receive = transmit = default;
        name = default;
        if (line.Rest.Contains((byte)'|') || !line.Rest.Contains((byte)':')) return false;
        name = line.Until((byte)':');
        receive = new Direction(line.Number(), line.Number(), line.Number(), line.Number(), line.Number(), line.Number(), 0);
        line.Skip(2);
        transmit = new Direction(line.Number(), line.Number(), line.Number(), line.Number(), line.Number(), line.Number(), line.Number());
        return !name.IsEmpty;
    }

    private static void Set(Columns columns, int instance, int instances, Direction direction, FailureReason? failure)
    {
        Set(columns, instance * ValuesPerDirection, direction.Bytes, failure);
        Set(columns, (instance * ValuesPerDirection) + 1, direction.Dropped, failure);
        Set(columns, (instance * ValuesPerDirection) + 2, direction.Errors, failure);
        Set(columns, (instances * ValuesPerDirection) + instance, direction.Packets, failure);
    }

    private static void Set(Columns columns, int series, double value, FailureReason? failure)
    {
        if (failure is { } reason) columns.Fail(series, reason);
        else columns.Set(series, value);
    }

    /// <summary>Whether an interface is reported.</summary>
    internal static DeviceUse UseOf(string name, NamePatterns names)
    {
        if (names.Says(name) is { } said) return said ? DeviceUse.WhenActive : DeviceUse.Never;
        if (name == "lo") return DeviceUse.Never;
        foreach (string prefix in GuestLinks)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return DeviceUse.Never;
        return DeviceUse.WhenActive;
    }

    // What is frame errors on one side is collisions on the other.
    private readonly record struct Direction(ulong Bytes, ulong Packets, ulong Errors, ulong Dropped, ulong Fifo, ulong Frame, ulong Carrier);
}
