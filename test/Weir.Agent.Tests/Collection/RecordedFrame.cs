using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

/// <summary>A frame as a server would see it.</summary>
internal sealed record RecordedFrame(Schema Schema, EntryHeader Header, DecodedFrame Samples)
{
    /// <summary>What it stores differences from; null in codec 0.</summary>
    public Baseline? Baseline { get; init; }

    /// <summary>Bytes of its entry.</summary>
    public int Bytes { get; init; }

    public long[] TimesMs => Samples.TimesMs.ToArray();

    /// <summary>The value of a series at a tick; null where it is missing.</summary>
    public double? Value(string metric, string instance, int tick = 0)
    {
        for (int s = 0; s < Schema.SeriesCount; s++)
        {
            if (Schema.MetricOf(s).Name != metric || !Schema.AttributesOf(s).Any(attribute => attribute.Value == instance)) continue;
            return Samples.Present(s)[tick] != 0 ? Samples.Values(s)[tick] : null;
        }

        throw new InvalidOperationException($"the frame has no {metric} of {instance}");
    }
}
