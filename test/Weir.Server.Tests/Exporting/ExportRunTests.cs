using System.Security.Cryptography;
using System.Text.Json;
using Weir.Contracts;
using Weir.Server.Exporting;
using Weir.TestKit.Agents;

namespace Weir.Server.Tests.Exporting;

public sealed class ExportRunTests
{
    private const long Hour = ExportFixture.Hour;

    private static void AssertSame(IEnumerable<ExportedRow> expected, List<ExportedRow> rows)
    {
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Count, rows.Distinct().Count());
        Assert.Equal(
            expected.OrderBy(static row => row.HostId, StringComparer.Ordinal).ThenBy(static row => row.Labels, StringComparer.Ordinal).ThenBy(static row => row.TimeMs),
            rows.OrderBy(static row => row.HostId, StringComparer.Ordinal).ThenBy(static row => row.Labels, StringComparer.Ordinal).ThenBy(static row => row.TimeMs));
    }

    [Fact]
    public async Task Run_EveryHour_IsExportedBitForBitAndSorted()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        var special = new TestAgent(3);
        fixture.Describe(special);
        int at = 0;
        foreach (ulong bits in (ulong[])[0x7FF8_0000_DEAD_BEEF, 0xFFF8_0000_0000_0001, 0x7FF8_0000_0000_0000, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000])
            await fixture.WriteAsync(special, special.Frame(Hour + (1000 * at++), shift: BitConverter.UInt64BitsToDouble(bits)));
        ExportSummary summary = await fixture.ExportAsync();
        List<ExportedRow> rows = fixture.Rows();
        AssertSame(await fixture.StoredAsync(), rows);
        Assert.Contains(rows, static row => row.Bits == 0x7FF8_0000_DEAD_BEEF);
        Assert.Contains(rows, static row => row.Bits == 0xFFF8_0000_0000_0001);
        Assert.Equal(3, summary.Written);
        Assert.Equal(rows.Count, summary.Rows);
        List<ExportedRow> one = ExportedRow.ReadAll(fixture.Target.Read(ExportFixture.FileOf(Hour)));
        Assert.Equal(one.OrderBy(static row => row.HostName, StringComparer.Ordinal).ThenBy(static row => row.HostId, StringComparer.Ordinal)
            .ThenBy(static row => row.Name, StringComparer.Ordinal).ThenBy(static row => row.Labels, StringComparer.Ordinal).ThenBy(static row => row.TimeMs), one);
        Assert.All(one, static row => Assert.InRange(row.TimeMs, Hour, Hour + StoredHours.HourMs - 1));
    }

    [Fact]
    public async Task Run_Again_ChangesNoByte()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        await fixture.ExportAsync();
        SortedDictionary<string, byte[]> first = fixture.Exported();
        int steps = fixture.Target.Steps;
        ExportSummary again = await fixture.ExportAsync();
        Assert.Equal((0, 3, 0), (again.Written, again.Unchanged, again.Kept));
        Assert.Equal(steps, fixture.Target.Steps);
        // Into another directory: the same bytes, so files can be compared between places.
        fixture.ForgetTarget();
        await fixture.ExportAsync();
        Assert.Equal(first, fixture.Exported());
    }

    [Fact]
    public async Task Run_Manifest_TellsOfEveryFile()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        await fixture.ExportAsync();
        using JsonDocument manifest = JsonDocument.Parse(fixture.Target.Read("/export/EXPORT.json"));
        Assert.Equal(1, manifest.RootElement.GetProperty("format").GetInt32());
        JsonElement[] hours = [.. manifest.RootElement.GetProperty("hours").EnumerateArray()];
        Assert.Equal(3, hours.Length);
        foreach (JsonElement hour in hours)
        {
            byte[] file = fixture.Target.Read($"/export/{hour.GetProperty("file").GetString()}");
            List<ExportedRow> rows = ExportedRow.ReadAll(file);
            Assert.Equal(rows.Count, hour.GetProperty("rows").GetInt64());
            Assert.Equal(rows.Min(static row => row.TimeMs), hour.GetProperty("minTimeMs").GetInt64());
            Assert.Equal(rows.Max(static row => row.TimeMs), hour.GetProperty("maxTimeMs").GetInt64());
            Assert.Equal(file.Length, hour.GetProperty("fileBytes").GetInt64());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), hour.GetProperty("fileSha256").GetString());
            Assert.Equal(rows[0].TimeMs < Hour + StoredHours.HourMs, hour.GetProperty("closed").GetBoolean());
        }
    }

    [Fact]
    public async Task Run_LateFrame_RewritesThatHourAlone()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        await fixture.ExportAsync();
        SortedDictionary<string, byte[]> before = fixture.Exported();
        var late = new TestAgent(1);
        await fixture.WriteAsync(late, late.Frame(Hour + 600_000, ticks: 3, seq: 900));
        ExportSummary summary = await fixture.ExportAsync();
        Assert.Equal((1, 2, 0), (summary.Written, summary.Unchanged, summary.Kept));
        AssertSame(await fixture.StoredAsync(), fixture.Rows());
        string[] changed = [.. fixture.Exported().Where(pair => !pair.Value.AsSpan().SequenceEqual(before[pair.Key])).Select(static pair => pair.Key)];
        Assert.Equal(["/export/EXPORT.json", ExportFixture.FileOf(Hour)], changed);
    }

    [Fact]
    public async Task Run_OpenHour_IsRewrittenWhileItGrowsAndThenClosed()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        fixture.Time.SetUtcNow(DateTimeOffset.FromUnixTimeMilliseconds(Hour + (72 * StoredHours.HourMs) + 5000));
        await fixture.ExportAsync();
        var agent = new TestAgent(1);
        await fixture.WriteAsync(agent, agent.Frame(Hour + (72 * StoredHours.HourMs) + 5000, ticks: 5, seq: 900));
        Assert.Equal(1, (await fixture.ExportAsync()).Written);
        AssertSame(await fixture.StoredAsync(), fixture.Rows());
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, (await fixture.ExportAsync()).Written);
        Assert.DoesNotContain("\"closed\": false", System.Text.Encoding.UTF8.GetString(fixture.Target.Read("/export/EXPORT.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StoreThatHoldsLessThanTheFile_KeepsTheFile()
    {
        await using ExportFixture full = await ExportFixture.CreateFilledAsync(), less = await ExportFixture.CreateAsync();
        await full.ExportAsync();
        SortedDictionary<string, byte[]> before = full.Exported();
        var agent = new TestAgent(1);
        await less.WriteAsync(agent, agent.Frame(Hour));
        ExportSummary summary = await new ExportRun(full.Target, less.Store, less.Store, full.Time, full.Reports.Add)
            .RunAsync(new ExportRequest { Directory = "/export" }, TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, 1), (summary.Written, summary.Unchanged, summary.Kept));
        Assert.Equal(before, full.Exported());
        Assert.Contains("kept: the store holds 3 samples", full.Reports[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_FileLostOrCut_IsWrittenAnew()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        await fixture.ExportAsync();
        SortedDictionary<string, byte[]> before = fixture.Exported();
        fixture.Target.Delete(ExportFixture.FileOf(Hour));
        fixture.Target.Overwrite(ExportFixture.FileOf(Hour - StoredHours.HourMs), [1, 2, 3]);
        Assert.Equal(2, (await fixture.ExportAsync()).Written);
        Assert.Equal(before, fixture.Exported());
    }

    [Fact]
    public async Task Run_RangeAndSelector_ExportWholeHoursOfWhatMatches()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        LabelMatcher matcher = new("instance", MatchOperator.NotEqual, "i1");
        var request = new ExportRequest { Directory = "/export", Matchers = [matcher], FromMs = Hour + 15_000, ToMs = Hour + 16_000 };
        await fixture.ExportAsync(request);
        AssertSame((await fixture.StoredAsync(matcher)).Where(static row => row.TimeMs is >= Hour and < Hour + StoredHours.HourMs), fixture.Rows());
        ExportException refused = await Assert.ThrowsAsync<ExportException>(() => fixture.ExportAsync());
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.Contains("instance!=\"i1\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_IntoADataDirectory_IsRefused()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        fixture.Target.Create("/export/FORMAT").Dispose();
        ExportException refused = await Assert.ThrowsAsync<ExportException>(() => fixture.ExportAsync());
        Assert.Equal(ExitCode.Usage, refused.ExitCode);
        Assert.False(fixture.Target.FileExists("/export/EXPORT.json"));
    }

    [Fact]
    public async Task Run_FrameThatCannotBeRead_ExportsTheRestAndSaysSoEachTime()
    {
        await using ExportFixture fixture = await ExportFixture.CreateAsync();
        var agent = new TestAgent(1);
        fixture.Describe(agent);
        await fixture.WriteAsync(agent, agent.Frame(Hour, ticks: 10));
        await fixture.WriteAsync(agent, agent.Frame(Hour + 10_000, ticks: 10));
        fixture.DamageLog();
        for (int run = 0; run < 2; run++)
        {
            ExportSummary summary = await fixture.ExportAsync();
            Assert.Contains("cannot be read", summary.Warning, StringComparison.Ordinal);
        }

        AssertSame(await fixture.StoredAsync(), fixture.Rows());
        Assert.All(fixture.Rows(), static row => Assert.True(row.TimeMs < Hour + 10_000));
    }

    [Fact]
    public async Task Read_MetricWithMoreSamplesThanAreReadAtOnce_IsRefusedWithACure()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        var request = new ExportRequest { Directory = "/export" };
        var small = new HourReader(fixture.Store, fixture.Store, request, new ReadGaps()) { MaxSamplesAtOnce = 10 };
        ExportException refused = await Assert.ThrowsAsync<ExportException>(async () => await small.ReadAsync(Hour, TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.Contains("more than 10 samples of test_value_ratio", refused.Message, StringComparison.Ordinal);
    }
}
