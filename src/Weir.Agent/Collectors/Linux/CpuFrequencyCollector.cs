using System.Globalization;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The present frequency of each logical processor, from cpufreq below /sys.</summary>
/// <remarks>Not here on virtual machines and where no driver scales. Some kernels wake an idle processor, or wait some milliseconds, to measure it: hence no lane for cheap reads.</remarks>
internal sealed class CpuFrequencyCollector(LinuxRoots roots) : ICollector
{
    private const double HertzPerKilohertz = 1000;

    private readonly string _folder = Path.Combine(roots.Sys, "devices", "system", "cpu");
    private NumberFile[] _files = [];

    /// <inheritdoc/>
    public string Name => "cpu_frequency";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        int failed = 0;
        for (int cpu = 0; cpu < _files.Length; cpu++)
        {
            if (_files[cpu].TryRead(out double kilohertz) is { } reason)
            {
                columns.Fail(cpu, reason);
                failed++;
            }
            else columns.Set(cpu, kilohertz * HertzPerKilohertz);
        }

        // Processors come and go: what fails whole, or was never found, is looked for anew.
        if (failed == _files.Length) Learn(columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NumberFile file in _files) file.Dispose();
        _files = [];
    }

    private void Learn(Columns columns)
    {
        Dispose();
        int[] cpus = [.. Directory.EnumerateDirectories(_folder, "cpu*").Select(NumberOf).Where(cpu => cpu >= 0 && File.Exists(PathOf(cpu))).Order()];
        if (cpus.Length == 0) throw new FileNotFoundException($"{PathOf(0)} is not there, nor that of another processor", PathOf(0));
        _files = [.. cpus.Select(cpu => new NumberFile(PathOf(cpu)))];
        columns.Shape([new SchemaPart(Templates.CpuFrequency, [.. cpus.Select(static cpu => (string[])[cpu.ToString(CultureInfo.InvariantCulture)])])]);
        for (int cpu = 0; cpu < _files.Length; cpu++) _files[cpu].Set(columns, cpu, HertzPerKilohertz);
    }

    private string PathOf(int cpu) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"), "cpufreq", "scaling_cur_freq");

    private static int NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path.AsSpan())["cpu".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
