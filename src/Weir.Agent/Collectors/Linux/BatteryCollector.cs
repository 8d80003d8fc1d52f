using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The charge of each battery, and whether each other supply gives power, from /sys/class/power_supply.</summary>
/// <remarks>Batteries of mice, keyboards and the like are left out: their scope is a device, not the system.</remarks>
internal sealed class BatteryCollector(CollectorContext context) : NumberFileCollector("battery", context.Time)
{
    private const double Percent = 0.01;

    private readonly string _folder = Path.Combine(context.Roots.Sys, "class", "power_supply");
    private readonly NamePatterns _names = context.Config.Names;

    /// <inheritdoc/>
    protected override NumberSeries[] Find()
    {
        string[] supplies =
        [
            .. Directory.EnumerateFileSystemEntries(_folder).Order(StringComparer.Ordinal)
                .Where(supply => _names.Says(Path.GetFileName(supply)) != false && KernelName.TextOf(Path.Combine(supply, "scope")) != "Device"),
        ];
        return
        [
            .. SeriesOf(Templates.BatteryCharge, supplies.Where(IsBattery), "capacity", Percent),
            .. SeriesOf(Templates.LinuxPower, supplies.Where(static supply => !IsBattery(supply)), "online", 1),
        ];
    }

    private static bool IsBattery(string supply) => KernelName.TextOf(Path.Combine(supply, "type")) is "Battery" or "UPS";

    // Not every driver has the file.
    private static IEnumerable<NumberSeries> SeriesOf(Template template, IEnumerable<string> supplies, string file, double scale) => supplies
        .Where(supply => File.Exists(Path.Combine(supply, file))).Select(supply => new NumberSeries(template, [Path.GetFileName(supply)], Path.Combine(supply, file), scale));
}
