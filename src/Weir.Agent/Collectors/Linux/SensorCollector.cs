using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Temperatures and fan speeds from /sys/class/hwmon, and temperatures of thermal zones from /sys/class/thermal.</summary>
/// <remarks>
/// A sensor that does not answer (a sleeping disk, a chip that is busy) fails alone. What is there is looked for once a minute: modules load late. Reads may wait
/// for a slow bus: hence the lane for what may hang. The same sensor may show as chip and as zone.
/// </remarks>
internal sealed class SensorCollector(CollectorContext context) : ICollector
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);

    private readonly string _chips = Path.Combine(context.Roots.Sys, "class", "hwmon");
    private readonly string _zones = Path.Combine(context.Roots.Sys, "class", "thermal");
    private readonly NamePatterns _names = context.Config.Names;
    private Sensor[] _sensors = [];
    private long _searchedAt;

    /// <inheritdoc/>
    public string Name => "sensors";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_sensors.Length == 0 || context.Time.GetElapsedTime(_searchedAt) >= SearchInterval) Search(columns);
        for (int i = 0; i < _sensors.Length; i++) _sensors[i].File.Set(columns, i, _sensors[i].Scale);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Sensor sensor in _sensors) sensor.File.Dispose();
        _sensors = [];
    }

    private void Search(Columns columns)
    {
        _searchedAt = context.Time.GetTimestamp();
        var names = new HashSet<string>(StringComparer.Ordinal);
        // By template, since the series of one stand beside each other.
        SensorName[] found = [.. SensorTree.Chips(_chips).Concat(SensorTree.Zones(_zones)).Where(name => _names.Says(name.Id) != false && names.Add($"{name.Template.Metrics[0].Name} {name.Id}"))
            .OrderBy(static name => name.Template == Templates.HardwareTemperature ? 0 : 1).ThenBy(static name => name.Id, StringComparer.Ordinal).Take(SensorTree.MaxSensors)];
        if (found.Length == 0)
        {
            Dispose();
            throw new FileNotFoundException($"{_chips} and {_zones} hold no sensor", _chips);
        }

        if (found.AsSpan().SequenceEqual(_sensors.Select(static sensor => sensor.Name).ToArray()) && columns.Count > 0) return;
        Dispose();
        _sensors = [.. found.Select(static name => new Sensor(name, new NumberFile(name.Path), name.Template == Templates.HardwareTemperature ? 0.001 : 1))];
        columns.Shape([.. found.GroupBy(static name => name.Template).Select(static group => new SchemaPart(group.Key, [.. group.Select(static name => (string[])[name.Id, name.Chip, name.Label])]))]);
    }

    private readonly record struct Sensor(SensorName Name, NumberFile File, double Scale);
}
