using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

/// <summary>A crash between every two steps of a script, with many ways to lose what was not durable.</summary>
public sealed class CrashTests
{
    private const int Seeds = 30;

    [Fact]
    public async Task A_crash_at_any_step_loses_nothing_that_was_acknowledged()
    {
        CrashSummary summary = await CrashSuite.RunAsync(static _ => false, Seeds);
        Assert.Empty(summary.Violations);
        Assert.True(summary.Crashes > 300, $"only {summary.Crashes} crashes: the script is too short to prove anything");
        Assert.True(summary.Acknowledged > 1000, $"only {summary.Acknowledged} acknowledgements");
        Assert.True(summary.TornTails > 10, $"only {summary.TornTails} torn tails were met");
        Assert.True(summary.DamagedEntries > 0, "no block with some of its payloads lost was met");
    }

    [Theory]
    [InlineData(FlushKind.Block)]
    [InlineData(FlushKind.FirstOfFile)]
    [InlineData(FlushKind.Draft)]
    [InlineData(FlushKind.DirectoryAfterCreate)]
    [InlineData(FlushKind.DirectoryAfterRename)]
    [InlineData(FlushKind.DirectoryAfterDelete)]
    public async Task Leaving_out_one_kind_of_flush_is_noticed(FlushKind kind)
    {
        CrashSummary summary = await CrashSuite.RunAsync(left => left == kind, Seeds);
        Assert.NotEmpty(summary.Violations);
    }
}
