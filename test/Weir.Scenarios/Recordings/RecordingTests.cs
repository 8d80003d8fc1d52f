using Weir.Frames;
using Weir.Scenarios.Replay;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Recordings;

public sealed class RecordingTests
{
    [Theory]
    [InlineData("up 1", "up", 1.0)]
    [InlineData("up{} 1.5e-3", "up", 0.0015)]
    [InlineData("up 1 1795446776174", "up", 1.0)]
    [InlineData("a{b=\"c\"} +Inf", "a{b=\"c\"}", double.PositiveInfinity)]
    [InlineData("a{b=\"c\",} -Inf", "a{b=\"c\"}", double.NegativeInfinity)]
    [InlineData("a { b = \"c\" , a=\"\" }  NaN ", "a{b=\"c\"}", double.NaN)]
    [InlineData("a{z=\"1\",b=\"x } y\"} -0", "a{b=\"x } y\",z=\"1\"}", -0.0)]
    [InlineData("""a{b="\\ \" \n,\"}"} 9007199254740993""", """a{b="\\ \" \n,\"}"}""", 9007199254740992.0)]
    public void TrySplit_Sample_GivesSeriesAndValue(string line, string expectedSeries, double expectedValue)
    {
        Assert.True(PrometheusLine.TrySplit(line, out ReadOnlySpan<char> text, out double value));
        Assert.True(PrometheusLine.TryParseSeries(text, out string? name, out SeriesAttribute[]? labels));
        Assert.Equal(expectedSeries, SeriesText.Format(name, labels));
        Assert.Equal(BitConverter.DoubleToInt64Bits(expectedValue), BitConverter.DoubleToInt64Bits(value));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("up ")]
    [InlineData("up one")]
    [InlineData("up 1 later")]
    [InlineData("up 1,5")]
    [InlineData("up{a=\"b\" 1")]
    [InlineData("up{a=\"b 1")]
    [InlineData("up ++Inf")]
    [InlineData(" 1")]
    public void TrySplit_Malformed_Refuses(string line) => Assert.False(PrometheusLine.TrySplit(line, out _, out _));

    [Theory]
    [InlineData("{a=\"b\"}")]
    [InlineData("up{a}")]
    [InlineData("up{a=b}")]
    [InlineData("up{a=\"b\" c=\"d\"}")]
    [InlineData("up{a=\"b\",a=\"c\"}")]
    [InlineData("up{a=\"\\t\"}")]
    public void TryParseSeries_Malformed_Refuses(string series) => Assert.False(PrometheusLine.TryParseSeries(series, out _, out _));

    [Fact]
    public void Read_SeriesComeAndGo_MissingWhereAbsent()
    {
        Recording recording = TestRecording.Parse("# TYPE a counter\n#T 1499\na 1\nb{x=\"\"} 2\n#T 2501\nb 3\nc NaN\nb2 0\n#T 3000\na 4\nb2 5\n");

        Assert.Equal(["a", "b", "c", "b2"], recording.Series.Select(static series => series.Name));
        Assert.Equal([MetricKind.Counter, MetricKind.Gauge, MetricKind.Gauge, MetricKind.Gauge], recording.Series.Select(static series => series.Kind));
        Assert.Equal([1499L, 2501, 3000], recording.TimesMs);
        Assert.Equal(1000, recording.FirstTickMs);
        Assert.Equal([1, 1, 0, 0], recording.Present(0).ToArray());
        Assert.Equal([0, 1, 1, 1], recording.Present(1).ToArray());
        Assert.Equal([1, 0, 0, 1], recording.Present(2).ToArray());
        Assert.Equal([4, 0, 0, 5], recording.Values(2).ToArray());
        Assert.Null(recording.Cut);
    }

    [Theory]
    [InlineData("#T 1\na 1\nb 2\n#T 2\na 1\nb 2", "no end")]
    [InlineData("#T 1\na 1\nb 2\n#T 2\na 1\nb ", "no end")]
    [InlineData("#T 1\na 1\nb 2\n#T 2\na 1\n", "closed the one before")]
    [InlineData("#T 1\na 1\nb 2\n#T 2\nnew 1\n", "closed the one before")]
    [InlineData("#T 1\na 1\nb 2\n#T 2\n", "closed the one before")]
    public void Read_LastSnapshotCut_LeftOutAndSaid(string text, string reason)
    {
        Recording recording = TestRecording.Parse(text);

        Assert.Equal(1, recording.Ticks);
        Assert.Equal(["a", "b"], recording.Series.Select(static series => series.Name));
        Assert.Contains(reason, recording.Cut, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a 1\n", "line 1")]
    [InlineData("#T 1\na 1\na 2\n", "line 3")]
    [InlineData("#T 1\na 1\nb ?\n#T 2\na 1\n", "line 3")]
    [InlineData("#T 2\na 1\n#T 2\na 1\n", "line 3")]
    [InlineData("#T x\n", "line 1")]
    [InlineData("", "no whole snapshot")]
    [InlineData("#T 1\na 1", "no whole snapshot")]
    public void Read_NotARecording_RefusesNamingTheLine(string text, string expected)
    {
        var failure = Assert.Throws<InvalidDataException>(() => TestRecording.Parse(text));

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_CompressedFileBreaksOff_LastSnapshotLeftOut()
    {
        string cut = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.prom.zst");
        try
        {
            File.Copy(RepositoryRoot.Combine("test", "data", "linux-host-120.prom.zst"), cut);
            File.SetAttributes(cut, FileAttributes.Normal);
            using (FileStream file = File.OpenWrite(cut)) file.SetLength(file.Length - 100);

            Recording recording = Recording.Load(cut);

            Assert.InRange(recording.Ticks, 1, 119);
            Assert.Contains("breaks off", recording.Cut, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(cut);
        }
    }

    [Theory]
    [InlineData("empty.prom", "", "is empty")]
    [InlineData("empty.prom.zst", "", "is empty")]
    [InlineData("plain.prom.zst", "#T 1\na 1\n", "not compressed")]
    [InlineData("damaged.prom.zst", "\u0028\u00b5\u002f\u00fdnonsense behind the magic number", "decompressed")]
    public void Load_NotUsable_RefusesSayingWhy(string name, string latin1, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("weir-recording-").FullName;
        try
        {
            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, System.Text.Encoding.Latin1.GetBytes(latin1));

            var failure = Assert.Throws<InvalidDataException>(() => Recording.Load(path));

            Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Read_CarriageReturns_AreNoneOfTheLines()
    {
        Recording recording = TestRecording.Parse("#T 1000\r\na 1\r\n\r\n#T 2000\r\na -0\r\n");

        Assert.Equal([1.0, -0.0], [recording.Values(0)[0], recording.Values(1)[0]]);
    }

    [Fact]
    public void Load_CommittedExcerpt_Has120TicksOf507Series()
    {
        var recording = Recording.Load(RepositoryRoot.Combine("test", "data", "linux-host-120.prom.zst"));

        Assert.Equal((120, 507), (recording.Ticks, recording.Series.Count));
        Assert.Null(recording.Cut);
        Assert.Contains(recording.Series, static series => series.Kind == MetricKind.Counter);
        Assert.All(Enumerable.Range(0, 120), tick => Assert.DoesNotContain((byte)0, recording.Present(tick).ToArray()));
    }
}
