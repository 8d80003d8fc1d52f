using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Weir.Contracts;
using Weir.Frames;

namespace Weir.Server.Exporting;

/// <summary>Counts the samples of an hour and sums their digest, in whatever order they come.</summary>
internal sealed class HourTally
{
    private ulong _digest;

    /// <summary>Samples.</summary>
    public long Rows { get; private set; }

    /// <summary>Time of the oldest one, Unix ms.</summary>
    public long MinTimeMs { get; private set; } = long.MaxValue;

    /// <summary>Time of the newest one, Unix ms.</summary>
    public long MaxTimeMs { get; private set; } = long.MinValue;

    /// <summary>The digest, 16 hexadecimal digits.</summary>
    public string Digest => _digest.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Takes one series.</summary>
    public void Add(string hostId, string labels, SeriesSamples series)
    {
        if (series.TimesMs.Length == 0) return;
        ulong hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes($"{hostId}\n{series.Labels.Name}\n{labels}"));
        for (int i = 0; i < series.TimesMs.Length; i++) _digest += SampleDigest.Of(hash, series.TimesMs[i], series.Values[i]);
        Rows += series.TimesMs.Length;
        MinTimeMs = Math.Min(MinTimeMs, series.TimesMs[0]);
        MaxTimeMs = Math.Max(MaxTimeMs, series.TimesMs[^1]);
    }
}
