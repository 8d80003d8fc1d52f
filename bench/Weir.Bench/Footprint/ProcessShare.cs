using System.Globalization;

namespace Weir.Bench.Footprint;

/// <summary>What a process has taken so far, from /proc.</summary>
/// <param name="CpuSeconds">User and system time.</param>
/// <param name="ResidentBytes">Resident memory now.</param>
/// <param name="PrivateBytes">Of that, what nobody else shares.</param>
/// <param name="Switches">Context switches of all its threads, voluntary and not.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Handles">Its open descriptors.</param>
internal sealed record ProcessShare(double CpuSeconds, long ResidentBytes, long PrivateBytes, long Switches, int Threads, int Handles)
{
    private const double TicksPerSecond = 100;

    /// <summary>Reads a process.</summary>
    public static ProcessShare Of(int id)
    {
        string root = string.Create(CultureInfo.InvariantCulture, $"/proc/{id}");
        string stat = File.ReadAllText($"{root}/stat");
        string[] words = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double ticks = double.Parse(words[11], CultureInfo.InvariantCulture) + double.Parse(words[12], CultureInfo.InvariantCulture);
        string[] tasks = Directory.GetDirectories($"{root}/task");
        long switches = tasks.Sum(static task => Field($"{task}/status", "voluntary_ctxt_switches") + Field($"{task}/status", "nonvoluntary_ctxt_switches"));
        string rollup = $"{root}/smaps_rollup";
        return new ProcessShare(
            ticks / TicksPerSecond, Field(rollup, "Rss") * 1024, (Field(rollup, "Private_Clean") + Field(rollup, "Private_Dirty")) * 1024, switches, tasks.Length, Directory.GetFileSystemEntries($"{root}/fd").Length);
    }

    /// <summary>Adds what another process has taken.</summary>
    public ProcessShare Plus(ProcessShare other) => new(
        CpuSeconds + other.CpuSeconds, ResidentBytes + other.ResidentBytes, PrivateBytes + other.PrivateBytes, Switches + other.Switches, Threads + other.Threads, Handles + other.Handles);

    // A thread that ends meanwhile counts nothing.
    private static long Field(string file, string name)
    {
        if (!File.Exists(file)) return 0;
        string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
