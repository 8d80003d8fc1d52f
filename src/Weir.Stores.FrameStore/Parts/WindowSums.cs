using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Adds up samples and digests per window of an hour.</summary>
internal sealed class WindowSums
{
    private readonly long[] _samples = new long[PartFormat.Windows];
    private readonly ulong[] _digests = new ulong[PartFormat.Windows];
    private readonly bool[] _used = new bool[PartFormat.Windows];

    /// <summary>Samples over all windows.</summary>
    public long Samples => _samples.Sum();

    /// <summary>Digest over all windows.</summary>
    public ulong Digest => _digests.Aggregate(0UL, static (sum, digest) => sum + digest);

    /// <summary>Starts anew.</summary>
    public void Clear()
    {
        Array.Clear(_samples);
        Array.Clear(_digests);
        Array.Clear(_used);
    }

    /// <summary>Adds sums that are known.</summary>
    public void Add(int minute, long samples, ulong digest)
    {
        _used[minute] = true;
        _samples[minute] += samples;
        _digests[minute] += digest;
    }

    /// <summary>Adds the sums of a group.</summary>
    public void Add(IReadOnlyList<WindowSum> windows)
    {
        foreach (WindowSum window in windows) Add(window.Minute, window.Samples, window.Digest);
    }

    /// <summary>Adds some ticks of one series.</summary>
    public void Add(ulong seriesHash, ReadOnlySpan<long> times, ReadOnlySpan<double> values, ReadOnlySpan<byte> present, long hourMs)
    {
        for (int t = 0; t < times.Length; t++)
            if (present[t] != 0) Add(Minute(times[t], hourMs), 1, SampleDigest.Of(seriesHash, times[t], values[t]));
    }

    /// <summary>The sums, in order of time.</summary>
    public WindowSum[] ToArray() =>
        [.. Enumerable.Range(0, PartFormat.Windows).Where(minute => _used[minute]).Select(minute => new WindowSum(minute, _samples[minute], _digests[minute]))];

    /// <summary>The window that a time lies in.</summary>
    public static int Minute(long timeMs, long hourMs) => (int)((timeMs - hourMs) / PartFormat.WindowMs);
}
