using Weir.Agent.Collectors.Windows.Pdh;

namespace Weir.Agent.Tests.Collectors.Pdh;

public sealed class PdhCounterTypeTests
{
    [Theory]
    [InlineData(0x00010000u, nameof(PdhMeaning.Gauge), true)] // PERF_COUNTER_RAWCOUNT
    [InlineData(0x00010100u, nameof(PdhMeaning.Gauge), false)] // PERF_COUNTER_LARGE_RAWCOUNT
    [InlineData(0x00000000u, nameof(PdhMeaning.Gauge), true)] // PERF_COUNTER_RAWCOUNT_HEX
    [InlineData(0x10410400u, nameof(PdhMeaning.Count), true)] // PERF_COUNTER_COUNTER
    [InlineData(0x10410500u, nameof(PdhMeaning.Count), false)] // PERF_COUNTER_BULK_COUNT
    [InlineData(0x00410400u, nameof(PdhMeaning.Count), true)] // PERF_SAMPLE_COUNTER
    [InlineData(0x00400400u, nameof(PdhMeaning.Count), true)] // PERF_COUNTER_DELTA
    [InlineData(0x00400500u, nameof(PdhMeaning.Count), false)] // PERF_COUNTER_LARGE_DELTA
    [InlineData(0x20410500u, nameof(PdhMeaning.Time), false)] // PERF_COUNTER_TIMER
    [InlineData(0x21410500u, nameof(PdhMeaning.IdleTime), false)] // PERF_COUNTER_TIMER_INV
    [InlineData(0x20510500u, nameof(PdhMeaning.Time), false)] // PERF_100NSEC_TIMER
    [InlineData(0x21510500u, nameof(PdhMeaning.IdleTime), false)] // PERF_100NSEC_TIMER_INV
    [InlineData(0x20610500u, nameof(PdhMeaning.Time), false)] // PERF_OBJ_TIME_TIMER
    [InlineData(0x20570500u, nameof(PdhMeaning.Time), false)] // PERF_PRECISION_100NS_TIMER
    [InlineData(0x00450400u, nameof(PdhMeaning.Time), true)] // PERF_COUNTER_QUEUELEN_TYPE
    [InlineData(0x00550500u, nameof(PdhMeaning.Time), false)] // PERF_COUNTER_100NS_QUEUELEN_TYPE
    [InlineData(0x20020400u, nameof(PdhMeaning.Ratio), true)] // PERF_RAW_FRACTION
    [InlineData(0x20020500u, nameof(PdhMeaning.Ratio), false)] // PERF_LARGE_RAW_FRACTION
    [InlineData(0x20C20400u, nameof(PdhMeaning.Count), true)] // PERF_SAMPLE_FRACTION
    [InlineData(0x30020400u, nameof(PdhMeaning.Time), true)] // PERF_AVERAGE_TIMER
    [InlineData(0x40020500u, nameof(PdhMeaning.Count), false)] // PERF_AVERAGE_BULK
    [InlineData(0x30240500u, nameof(PdhMeaning.Age), false)] // PERF_ELAPSED_TIME
    [InlineData(0x00000B00u, nameof(PdhMeaning.Unsupported), true)] // PERF_COUNTER_TEXT
    [InlineData(0x40000200u, nameof(PdhMeaning.Unsupported), true)] // PERF_COUNTER_NODATA
    [InlineData(0x40030401u, nameof(PdhMeaning.Unsupported), true)] // PERF_SAMPLE_BASE
    [InlineData(0x80000000u, nameof(PdhMeaning.Unsupported), true)] // PERF_COUNTER_HISTOGRAM_TYPE
    public void Meaning_OfEachType(uint code, string meaning, bool isNarrow) =>
        Assert.Equal((meaning, isNarrow), (new PdhCounterType(code).Meaning.ToString(), new PdhCounterType(code).IsNarrow));

    [Theory]
    [InlineData(0x00010000u, false)] // PERF_COUNTER_RAWCOUNT
    [InlineData(0x10410400u, false)] // PERF_COUNTER_COUNTER
    [InlineData(0x20510500u, false)] // PERF_100NSEC_TIMER
    [InlineData(0x20020400u, false)] // PERF_RAW_FRACTION
    [InlineData(0x20410500u, true)] // PERF_COUNTER_TIMER
    [InlineData(0x21410500u, true)] // PERF_COUNTER_TIMER_INV
    [InlineData(0x30020400u, true)] // PERF_AVERAGE_TIMER
    [InlineData(0x30240500u, true)] // PERF_ELAPSED_TIME
    public void NeedsTimeBase_TimesOfNoFixedUnitAlone(uint code, bool needs)
    {
        Assert.Equal(needs, new PdhCounterType(code).NeedsTimeBase);
        Assert.Equal(needs, new PdhConversion(new PdhCounterType(code), PdhPart.Value, 0).Meaning == PdhMeaning.Unsupported);
        Assert.Equal(PdhMeaning.Count, new PdhConversion(new PdhCounterType(code), PdhPart.Base, 0).Meaning);
    }

    [Fact]
    public void Scale_100NanosecondTimer_IgnoresTheTimeBase()
    {
        var track = default(PdhTrack);
        Assert.Equal(2, new PdhConversion(new PdhCounterType(0x20510500), PdhPart.Value, 3_579_545).Apply(20_000_000, 0, default, ref track));
        Assert.Equal(2, new PdhConversion(new PdhCounterType(0x20410500), PdhPart.Value, 3_579_545).Apply(2 * 3_579_545, 0, default, ref track));
    }

    [Theory]
    [InlineData(0x20020400u, 1, 0)]
    [InlineData(0x30240500u, 0, 50)]
    [InlineData(0x30240500u, 60, 50)]
    public void Apply_NumbersThatGiveNoValue_GiveNone(uint code, long first, long second)
    {
        var track = default(PdhTrack);
        Assert.Null(new PdhConversion(new PdhCounterType(code), PdhPart.Value, 1).Apply(first, second, default, ref track));
    }
}
