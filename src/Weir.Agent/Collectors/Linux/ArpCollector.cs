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
        bool changed = Count(text) | Forget();
        if (changed || columns.Count != _interfaces.Count)
            columns.Shape(_interfaces.Count == 0 ? [] : [new SchemaPart(Templates.ArpEntries, [.. _interfaces.Select(static one => (string[])[one.Name])])]);
        for (int i = 0; i < _interfaces.Count; i++) columns.Set(i, _interfaces[i].Entries);
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
                if (NetworkCollector.UseOf(name, context.Config.Names) == DeviceUse.Never) continue;
                _interfaces.Add(found = new Interface(device.ToArray(), name));
                isNew = true;
            }

            found.Entries++;
        }

        return isNew;
    }

    private bool Forget()
    {
        if (context.Time.GetElapsedTime(_forgotAt) < ForgetInterval) return false;
        _forgotAt = context.Time.GetTimestamp();
        return _interfaces.RemoveAll(static one => one.Entries == 0) > 0;
    }

    private Interface? Find(ReadOnlySpan<byte> device)
    {
        foreach (Interface one in _interfaces)
            if (device.SequenceEqual(one.Bytes)) return one;
        return null;
    }

    private sealed class Interface(byte[] bytes, string name)
    {
        public byte[] Bytes => bytes;

        public string Name => name;

        public int Entries { get; set; }
    }
}
