namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>What a control group read and wrote on all devices, summed by differences: the sum does not fall when a device goes away, and a new one adds what it counts from then on.</summary>
/// <remarks>The kernel forgets a group's counts of a device with the device; under the same number they begin at zero.</remarks>
internal sealed class CgroupIo
{
    private readonly List<Device> _devices = [];

    /// <summary>The sums.</summary>
    public CgroupIoCounts Total { get; private set; }

    /// <summary>Takes a text of io.stat: <c>8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6</c> a line.</summary>
    /// <remarks>
    /// Some kernels write a device without counts in front of the next one, on its line: <c>7:1 7:0 rbytes=1</c>. A line whose device has no number, as <c>(unknown) rbytes=1</c> of
    /// disks with many paths, is passed over.
    /// </remarks>
    /// <returns>False where a count is no number, or a key is cut: nothing of its line, and of those behind it, is taken.</returns>
    public bool TryTake(ReadOnlySpan<byte> text)
    {
        foreach (Device known in _devices) known.IsSeen = false;
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
            if (!TryTake(ref line)) return false;
        _devices.RemoveAll(static device => !device.IsSeen);
        return true;
    }

    private bool TryTake(ref ProcText line)
    {
        ReadOnlySpan<byte> name = default;
        CgroupIoCounts counts = default;
        while (line.Word() is { IsEmpty: false } word)
        {
            var value = new ProcText(word);
            ReadOnlySpan<byte> key = value.Until((byte)'=');
            // Of the others some are no numbers: depth=max, cost.vrate=100.00.
            if (key.SequenceEqual("rbytes"u8)) counts.ReadBytes = value.Number();
            else if (key.SequenceEqual("wbytes"u8)) counts.WrittenBytes = value.Number();
            else if (key.SequenceEqual("rios"u8)) counts.Reads = value.Number();
            else if (key.SequenceEqual("wios"u8)) counts.Writes = value.Number();
            else if (key.Length == word.Length) name = word;
            // Devices are numbers; a word of letters is a key that was cut.
            if (value.IsMalformed || name is [>= (byte)'a' and <= (byte)'z', ..]) return false;
        }

        var number = new ProcText(name);
        var major = new ProcText(number.Until((byte)':'));
        ulong id = (major.Number() << 32) | number.Number();
        if (major.IsMalformed || number.IsMalformed) return true;
        Device device = Find(id);
        device.IsSeen = true;
        Total = Total.Plus(counts, device.Last);
        device.Last = counts;
        return true;
    }

    private Device Find(ulong id)
    {
        foreach (Device known in _devices)
            if (known.Id == id) return known;
        var device = new Device(id);
        _devices.Add(device);
        return device;
    }

    private sealed class Device(ulong id)
    {
        public ulong Id => id;

        public CgroupIoCounts Last { get; set; }

        public bool IsSeen { get; set; }
    }
}
