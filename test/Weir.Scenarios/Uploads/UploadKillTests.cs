using Weir.Bench.Upload;

namespace Weir.Scenarios.Uploads;

/// <summary><c>kill -9</c> of client and server in the midst of an upload: what is sent again is what was on its way.</summary>
public sealed class UploadKillTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-upload-test-").FullName;

    [Fact]
    public async Task Three_kills_at_sixty_percent_send_again_no_more_than_was_on_its_way()
    {
        using var progress = new StringWriter();
        UploadReport report = await new UploadRun(new UploadSettings(64L << 20, Kills: 3, _work), progress).RunAsync(TestContext.Current.CancellationToken);

        string table = progress.ToString();
        Assert.Equal(["client", "server", "both", "nothing"], report.Legs.Select(static leg => leg.Killed));
        Assert.True(report.Again <= report.AgainLimit, $"{report.Again} bytes beyond the file's, at most {report.AgainLimit}\n{table}");
        // A kill that struck nothing would prove nothing: each left something, and something to do.
        Assert.All(report.Legs.SkipLast(1), leg => Assert.InRange(leg.There, 1, report.Chunks - 1));
        Assert.Equal(report.Legs.Select(static leg => leg.There).Order(), report.Legs.Select(static leg => leg.There));
        Assert.Equal(report.Chunks, report.Legs[^1].There);
        Assert.InRange(report.Repeat, 1, 64 * 1024);
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);
}
