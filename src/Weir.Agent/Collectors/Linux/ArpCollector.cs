namespace Weir.Agent.Collectors.Linux;

/// <summary>How many IPv4 neighbours each network interface knows, from /proc/net/arp.</summary>
/// <remarks>An interface whose neighbours are all forgotten counts 0 for up to a minute; then it has no series.</remarks>
internal sealed class ArpCollector(CollectorContext context) : ICollector
{
    private static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(1);

    // Address, hardware type, flags, hardware address, mask; then the device.
    private const int WordsBeforeDevice = 5;

    private readonly ProcFile _table = new(Path.Combine(context.Roots.Proc, "net", "arp"));
    private readonly List<Interface> _interfaces = [];
    private long _forgotAt = context.Time.GetTimestamp();

    /// <inheritdoc/>
    public string Name => "arp";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _table.Read();
        foreach (Interface known in _interfaces) known.Entries = 0;
        if (Count(text) | Forget()) Shape(columns);
        int series = 0;
        foreach (Interface known in _interfaces)
            if (known.IsReported) columns.Set(series++, known.Entries);
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();

    private bool Count(ReadOnlySpan<byte> text)
    {
        bool isNew = false;
        var lines = new ProcText(text);
        lines.TryLine(out _);
        while (lines.TryLine(out ProcText line))
        {
            line.Skip(WordsBeforeDevice);
            ReadOnlySpan<byte> device = line.Word();
            if (device.IsEmpty) continue;
            if (Find(device) is not { } found)
            {
                string name = KernelName.Decode(device);
                found = new Interface(device.ToArray(), name, NetworkCollector.UseOf(name, context.Config.Names) != DeviceUse.Never);
                _interfaces.Add(found);
                isNew |= found.IsReported;
            }

            found.Entries++;
        }

        return isNew;
    }

    private bool Forget()
    {
        if (context.Time.GetElapsedTime(_forgotAt) < ForgetInterval) return false;
        _forgotAt = context.Time.GetTimestamp();
        bool isGone = _interfaces.Exists(static one => one.IsReported && one.Entries == 0);
        _interfaces.RemoveAll(static one => one.Entries == 0);
        return isGone;
    }

    private void Shape(Columns columns)
    {
        string[][] reported = [.. _interfaces.Where(static one => one.IsReported).Select(static one => (string[])[one.Name])];
        columns.Shape(reported.Length == 0 ? [] : [new SchemaPart(Templates.ArpEntries, reported)]);
    }

    private Interface? Find(ReadOnlySpan<byte> device)
    {
        foreach (Interface one in _interfaces)
            if (device.SequenceEqual(one.Bytes)) return one;
        return null;
    }

    // Those that are left out too: what is known is not decoded again.
    private sealed class Interface(byte[] bytes, string name, bool isReported)
    {
        public byte[] Bytes => bytes;

        public string Name => name;

        public bool IsReported => isReported;

        public int Entries { get; set; }
    }
}
