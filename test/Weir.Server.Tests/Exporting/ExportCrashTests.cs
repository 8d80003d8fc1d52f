using Weir.Server.Exporting;
using Weir.TestKit.Agents;
using Weir.TestKit.FileSystem;

namespace Weir.Server.Tests.Exporting;

/// <summary>A crash between every two durable steps; the next run makes the directory what an undisturbed run makes it.</summary>
public sealed class ExportCrashTests
{
    private static readonly ExportRequest Request = new() { Directory = "/export" };

    [Fact]
    public async Task Run_CrashAtEveryStep_IsRepairedByTheNextRun()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        await fixture.ExportAsync();
        int steps = fixture.Target.Steps;
        SortedDictionary<string, byte[]> undisturbed = fixture.Exported();
        Assert.InRange(steps, 20, 2000);
        for (int step = 1; step <= steps; step++)
        {
            fixture.ForgetTarget();
            await CrashAsync(fixture, step);
            await fixture.ExportAsync();
            AssertSame(undisturbed, fixture.Exported(), step);
        }
    }

    [Fact]
    public async Task Run_CrashWhileRewriting_LeavesOldOrNewAndIsRepaired()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        await fixture.ExportAsync();
        byte[] old = fixture.Target.Read(ExportFixture.FileOf(ExportFixture.Hour)), oldManifest = fixture.Target.Read("/export/EXPORT.json");
        var late = new TestAgent(1);
        await fixture.WriteAsync(late, late.Frame(ExportFixture.Hour + 600_000, ticks: 3, seq: 900));
        int before = fixture.Target.Steps;
        await fixture.ExportAsync();
        int steps = fixture.Target.Steps - before;
        SortedDictionary<string, byte[]> undisturbed = fixture.Exported();
        for (int step = 1; step <= steps; step++)
        {
            fixture.Target.Overwrite(ExportFixture.FileOf(ExportFixture.Hour), old);
            fixture.Target.Overwrite("/export/EXPORT.json", oldManifest);
            await CrashAsync(fixture, fixture.Target.Steps + step);
            byte[] found = fixture.Target.Read(ExportFixture.FileOf(ExportFixture.Hour));
            Assert.True(found.AsSpan().SequenceEqual(old) || found.AsSpan().SequenceEqual(undisturbed[ExportFixture.FileOf(ExportFixture.Hour)]), $"step {step}");
            await fixture.ExportAsync();
            AssertSame(undisturbed, fixture.Exported(), step);
        }
    }

    [Fact]
    public async Task Run_DiskFull_RemovesTheDraftAndSaysWhatToDo()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        fixture.Target.FreeBytes = 500;
        ExportException error = await Assert.ThrowsAsync<ExportException>(() => fixture.ExportAsync());
        Assert.Equal(ExitCode.Failed, error.ExitCode);
        Assert.Contains("samples.parquet cannot be written: No space left on device", error.Message, StringComparison.Ordinal);
        Assert.Contains("Free space", error.Message, StringComparison.Ordinal);
        Assert.Empty(fixture.Exported());
        fixture.Target.FreeBytes = null;
        Assert.Equal(3, (await fixture.ExportAsync()).Written);
    }

    [Fact]
    public async Task Run_FlushRefused_NamesNoFile()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        fixture.Target.FailNextFlush = true;
        await Assert.ThrowsAsync<ExportException>(() => fixture.ExportAsync());
        Assert.Empty(fixture.Exported());
    }

    [Fact]
    public async Task Run_TwoAtOnce_TheSecondIsRefused()
    {
        await using ExportFixture fixture = await ExportFixture.CreateFilledAsync();
        using IDisposable other = fixture.Target.Lock(Path.Combine(Request.Directory, "EXPORT.lock"));
        ExportException error = await Assert.ThrowsAsync<ExportException>(() => fixture.ExportAsync());
        Assert.Equal(ExitCode.Environment, error.ExitCode);
        Assert.Contains("another export", error.Message, StringComparison.Ordinal);
    }

    private static async Task CrashAsync(ExportFixture fixture, int step)
    {
        fixture.Target.CrashAtStep = step;
        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => fixture.ExportAsync());
        for (Exception? cause = error; cause is not SimulatedCrashException; cause = cause.InnerException) Assert.NotNull(cause);
        fixture.Target.Crash(new Random(step));
    }

    private static void AssertSame(SortedDictionary<string, byte[]> expected, SortedDictionary<string, byte[]> found, int step)
    {
        Assert.True(expected.Keys.SequenceEqual(found.Keys), $"step {step}: {string.Join(' ', found.Keys)}");
        foreach ((string name, byte[] content) in expected) Assert.True(content.AsSpan().SequenceEqual(found[name]), $"step {step}: {name}");
    }
}
