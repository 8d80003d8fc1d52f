using System.CommandLine;
using System.Text.Json;
using Weir.Bench.Codec;

namespace Weir.Scenarios.Codec;

/// <summary>The benchmark <c>codec</c> on recordings of every kind: what comes back, what is reported, what is refused.</summary>
public sealed class CodecCommandTests : IDisposable
{
    // Figures nobody quotes: one short round.
    private static readonly SpeedMeter Quick = new(1, TimeSpan.FromTicks(1), TimeSpan.Zero, TimeSpan.Zero);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-codec-").FullName;

    [Fact]
    public void Codec_CommittedRecording_ReportsAsSpecified()
    {
        (int code, string output, _) = Run(RepositoryRoot.Combine("test", "data", "linux-host-120.prom.zst"), "json");

        using var report = JsonDocument.Parse(output);
        JsonElement root = report.RootElement;
        Assert.Equal(0, code);
        Assert.Equal((507, 120), (root.GetProperty("series").GetInt32(), root.GetProperty("ticks").GetInt32()));
        Assert.True(root.GetProperty("exact").GetBoolean());
        Assert.Equal([1, 5, 10, 60], root.GetProperty("results").EnumerateArray().Select(static result => result.GetProperty("ticks").GetInt32()));
        Assert.All(root.GetProperty("results").EnumerateArray(), static result =>
        {
            Assert.InRange(result.GetProperty("bytesPerSample").GetDouble(), 0.2, 4);
            Assert.True(result.GetProperty("encodeSamplesPerSecond").GetDouble() > 0);
            Assert.True(result.GetProperty("decodeSamplesPerSecond").GetDouble() > 0);
            Assert.True(result.GetProperty("allocatedBytesPerFrame").GetDouble() >= 0);
        });
        Assert.Equal(
            ["codec 0", "Protobuf", "JSON", "Prometheus text", "remote write (snappy)", "OTLP (zstd)"],
            root.GetProperty("formats").EnumerateArray().Select(static format => format.GetProperty("format").GetString()));
        Assert.All(root.GetProperty("formats").EnumerateArray(), static format => Assert.Equal(4, format.GetProperty("results").GetArrayLength()));
        Assert.Contains("only 120 ticks", root.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, int.MaxValue, 1000, 1)]
    [InlineData(7, int.MaxValue, 1000, 1)]
    [InlineData(11, int.MaxValue, 1000, 11)]
    [InlineData(300, 70, 1000, 11)]
    [InlineData(301, int.MaxValue, 1000, 301)]
    [InlineData(655, 90, 1000, 301)]
    [InlineData(655, 33, 733, 301)]
    [InlineData(320, 50, 10_000, 301)]
    public void Codec_OddRecording_EverythingComesBack(int ticks, int gapEvery, long stepMs, int measuredFrom)
    {
        (int code, string output, string errors) = Run(Written("odd.prom", OddRecording.Text(ticks, gapEvery, stepMs)), "json");

        Assert.True(code == 0, errors);
        using var report = JsonDocument.Parse(output);
        Assert.True(report.RootElement.GetProperty("exact").GetBoolean());
        Assert.Equal(ticks, report.RootElement.GetProperty("ticks").GetInt32());
        Assert.Equal(measuredFrom, report.RootElement.GetProperty("measuredFromTick").GetInt32());
        Assert.Equal(ticks <= 300, report.RootElement.TryGetProperty("note", out _));
        Assert.Equal(stepMs != 733, report.RootElement.GetProperty("timesRounded").GetBoolean());
    }

    [Fact]
    public void Codec_LastSnapshotCut_LeftOutAndSaid()
    {
        string whole = OddRecording.Text(20);
        (int code, string output, _) = Run(Written("cut.prom", whole[..^4]), "table");

        Assert.Equal(0, code);
        Assert.Contains("19 ticks of", output, StringComparison.Ordinal);
        Assert.Contains("snapshot 20 is cut", output, StringComparison.Ordinal);
        Assert.Contains("yes: every value came back bit for bit", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("#T 1000\n#T 2000\n", "no samples")]
    [InlineData("hello\n", "line 1: a sample stands before")]
    [InlineData("#T 1000\nhello\n", "line 2: this is not a sample")]
    public void Codec_NotARecording_RefusedPrecisely(string text, string expected)
    {
        string file = Written("bad.prom", text);

        (int code, string output, string errors) = Run(file, "json");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"codec failed: {file}: ", errors, StringComparison.Ordinal);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Codec_NoSuchFile_RefusedPrecisely()
    {
        (int code, string output, string errors) = Run(Path.Combine(_work, "absent.prom"), "json");

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("absent.prom", errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private string Written(string name, string text)
    {
        string path = Path.Combine(_work, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static (int Code, string Output, string Errors) Run(string input, string form)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = CodecCommand.Create(Quick).Parse(["--input", input, "--output", form]).Invoke(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }
}
