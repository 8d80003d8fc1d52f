namespace Weir.Agent.Collectors.Linux;

/// <summary>What is used of /proc/meminfo, in bytes.</summary>
internal readonly record struct MemInfo
{
    private const double KiB = 1024;

    public double Total { get; private init; }

    public double Free { get; private init; }

    public double Available { get; private init; }

    public double Buffers { get; private init; }

    public double Cached { get; private init; }

    public double SlabReclaimable { get; private init; }

    public double SlabUnreclaimable { get; private init; }

    public double SwapTotal { get; private init; }

    public double SwapFree { get; private init; }

    /// <summary>Reads the file's text; what it does not name is zero.</summary>
    public static MemInfo Parse(ReadOnlySpan<byte> text)
    {
        var info = default(MemInfo);
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> key = line.Until((byte)':');
            if (key.SequenceEqual("MemTotal"u8)) info = info with { Total = line.Number() * KiB };
            else if (key.SequenceEqual("MemFree"u8)) info = info with { Free = line.Number() * KiB };
            else if (key.SequenceEqual("MemAvailable"u8)) info = info with { Available = line.Number() * KiB };
            else if (key.SequenceEqual("Buffers"u8)) info = info with { Buffers = line.Number() * KiB };
            else if (key.SequenceEqual("Cached"u8)) info = info with { Cached = line.Number() * KiB };
            else if (key.SequenceEqual("SReclaimable"u8)) info = info with { SlabReclaimable = line.Number() * KiB };
            else if (key.SequenceEqual("SUnreclaim"u8)) info = info with { SlabUnreclaimable = line.Number() * KiB };
            else if (key.SequenceEqual("SwapTotal"u8)) info = info with { SwapTotal = line.Number() * KiB };
            else if (key.SequenceEqual("SwapFree"u8)) info = info with { SwapFree = line.Number() * KiB };
        }

        return info;
    }
}
