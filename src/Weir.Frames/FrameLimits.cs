namespace Weir.Frames;

/// <summary>The hard limits of frames and objects. Input beyond one is refused before memory is allocated for it.</summary>
public static class FrameLimits
{
    /// <summary>Most bytes of one entry, header included: 1 MiB, so that an entry always fits into one record of a log.</summary>
    public const int MaxEntryBytes = 1 << 20;

    /// <summary>Most ticks in a frame: one hour at one second.</summary>
    public const int MaxTicks = 3600;

    /// <summary>Most series in a schema. A frame of one tick of these takes 800 KB before compression.</summary>
    public const int MaxSeries = 100_000;

    /// <summary>Most parts of a schema.</summary>
    public const int MaxParts = 10_000;

    /// <summary>Most ticks x series in a frame: 8 MiB of doubles, the most one decode may allocate.</summary>
    public const int MaxSamples = 1 << 20;

    /// <summary>Most bytes of an object after decompression.</summary>
    public const int MaxObjectBytes = 8 << 20;

    /// <summary>Most attributes of one series. Source: the strictest widespread limit is VictoriaMetrics' 40.</summary>
    public const int MaxAttributes = 40;

    /// <summary>Most UTF-8 bytes of a metric, unit or attribute name.</summary>
    public const int MaxNameBytes = 256;

    /// <summary>Most UTF-8 bytes of an attribute value.</summary>
    public const int MaxValueBytes = 4096;
}
