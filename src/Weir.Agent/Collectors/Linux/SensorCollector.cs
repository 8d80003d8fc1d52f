using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Temperatures and fan speeds from /sys/class/hwmon, and temperatures of thermal zones from /sys/class/thermal.</summary>
/// <remarks>
/// A sensor that does not answer may be a sleeping disk, or a chip that is busy. Reads may wait for a slow bus: hence the lane for what may hang. The same sensor may show as
/// chip and as zone.
/// </remarks>
internal sealed class SensorCollector(CollectorContext context) : NumberFileCollector("sensors", context.Time)
{
    private readonly string _chips = Path.Combine(context.Roots.Sys, "class", "hwmon");
    private readonly string _zones = Path.Combine(context.Roots.Sys, "class", "thermal");
    private readonly NamePatterns _names = context.Config.Names;

    /// <inheritdoc/>
    protected override NumberSeries[] Find()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        NumberSeries[] found =
        [
            .. SensorTree.Chips(_chips).Concat(SensorTree.Zones(_zones)).Where(sensor => _names.Says(IdOf(sensor)) != false && ids.Add($"{sensor.Template.Metrics[0].Name} {IdOf(sensor)}"))
                .OrderBy(static sensor => sensor.Template == Templates.HardwareTemperature ? 0 : 1).ThenBy(IdOf, StringComparer.Ordinal).Take(SensorTree.MaxSensors),
        ];
        return found.Length > 0 ? found : throw new FileNotFoundException($"{_chips} and {_zones} hold no sensor", _chips);
    }

    private static string IdOf(NumberSeries sensor) => sensor.Instance[0];
}
