using System.Globalization;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The present frequency of each logical processor, from cpufreq below /sys.</summary>
/// <remarks>Not here on virtual machines and where no driver scales. Some kernels wake an idle processor, or wait some milliseconds, to measure it: hence no lane for cheap reads.</remarks>
internal sealed class CpuFrequencyCollector(CollectorContext context) : NumberFileCollector("cpu_frequency", context.Time)
{
    private const double HertzPerKilohertz = 1000;

    private readonly string _folder = Path.Combine(context.Roots.Sys, "devices", "system", "cpu");

    /// <inheritdoc/>
    protected override NumberSeries[] Find()
    {
        int[] cpus = [.. Directory.EnumerateDirectories(_folder, "cpu*").Select(NumberOf).Where(cpu => cpu >= 0 && File.Exists(PathOf(cpu))).Order()];
        if (cpus.Length == 0) throw new FileNotFoundException($"{PathOf(0)} is not there, nor that of another processor", PathOf(0));
        return [.. cpus.Select(cpu => new NumberSeries(Templates.CpuFrequency, [cpu.ToString(CultureInfo.InvariantCulture)], PathOf(cpu), HertzPerKilohertz))];
    }

    private string PathOf(int cpu) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"), "cpufreq", "scaling_cur_freq");

    private static int NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path.AsSpan())["cpu".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
