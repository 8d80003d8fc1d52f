using System.Globalization;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The present frequency of each logical processor, from cpufreq below /sys.</summary>
/// <remarks>Not here on virtual machines and where no driver scales. Some kernels wake an idle processor, or wait some milliseconds, to measure it: hence no lane for cheap reads.
/// Processors are looked for once a minute, and after one went away.</remarks>
internal sealed class CpuFrequencyCollector(CollectorContext context) : ICollector
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);

    private const double HertzPerKilohertz = 1000;

    private readonly string _folder = Path.Combine(context.Roots.Sys, "devices", "system", "cpu");
    private int[] _cpus = [];
    private NumberFile[] _files = [];
    private long _searchedAt;
    private bool _isGone;

    /// <inheritdoc/>
    public string Name => "cpu_frequency";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_files.Length == 0 || _isGone || context.Time.GetElapsedTime(_searchedAt) >= SearchInterval) Search(columns);
        _isGone = false;
        for (int cpu = 0; cpu < _files.Length; cpu++)
        {
            if (_files[cpu].TryRead(out double kilohertz) is { } reason)
            {
                columns.Fail(cpu, reason);
                _isGone = true;
            }
            else columns.Set(cpu, kilohertz * HertzPerKilohertz);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NumberFile file in _files) file.Dispose();
        _files = [];
        _cpus = [];
    }

    private void Search(Columns columns)
    {
        _searchedAt = context.Time.GetTimestamp();
        int[] cpus = [.. Directory.EnumerateDirectories(_folder, "cpu*").Select(NumberOf).Where(cpu => cpu >= 0 && File.Exists(PathOf(cpu))).Order()];
        if (cpus.Length == 0) throw new FileNotFoundException($"{PathOf(0)} is not there, nor that of another processor", PathOf(0));
        if (cpus.AsSpan().SequenceEqual(_cpus) && columns.Count > 0) return;
        Dispose();
        _cpus = cpus;
        _files = [.. cpus.Select(cpu => new NumberFile(PathOf(cpu)))];
        columns.Shape([new SchemaPart(Templates.CpuFrequency, [.. cpus.Select(static cpu => (string[])[cpu.ToString(CultureInfo.InvariantCulture)])])]);
    }

    private string PathOf(int cpu) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"cpu{cpu}"), "cpufreq", "scaling_cur_freq");

    private static int NumberOf(string path) =>
        int.TryParse(Path.GetFileName(path.AsSpan())["cpu".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
