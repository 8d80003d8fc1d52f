namespace Weir.Scenarios.Oracle;

/// <summary>The delivery oracle: whatever a seed does to processes, disks, clocks and network, what was acked is stored, once and bit by bit.</summary>
public sealed class DeliveryTests
{
    private const int ShortMs = 8000;

    [Fact]
    public async Task Random_faults_lose_nothing_double_nothing_and_change_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "pauses and kills processes by Linux signals");
        await using var run = new DeliveryRun(seed: 1, ShortMs);
        RunReport report = await run.RunAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
    }

    // Not part of the suite: eng/soak delivery runs it over and over.
    [Fact(Explicit = true)]
    public async Task Soak()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("WEIR_SOAK_SEED") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        await using var run = new DeliveryRun(seed, ShortMs, Environment.GetEnvironmentVariable("WEIR_SOAK_KEEP"));
        RunReport report = await run.RunAsync(TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(Environment.GetEnvironmentVariable("WEIR_SOAK_RESULTS") ?? "/dev/stderr", report + "\n", TestContext.Current.CancellationToken);
    }
}
