namespace Weir.Agent.Collectors.Linux;

/// <summary>Finds the sensors below /sys.</summary>
internal static class SensorTree
{
    /// <summary>Most sensors that are reported: a large server has some two hundred.</summary>
    public const int MaxSensors = 1024;

    private const string Input = "_input";
    private const double Milli = 0.001;

    /// <summary>Temperatures and fans of the chips below /sys/class/hwmon.</summary>
    public static IEnumerable<NumberSeries> Chips(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (string chip in Directory.EnumerateDirectories(folder))
        {
            string name = KernelName.TextOf(Path.Combine(chip, "name")), device = DeviceOf(chip);
            foreach (string file in FilesOf(chip))
            {
                string sensor = Path.GetFileName(file)[..^Input.Length];
                Template? template =
                    sensor.StartsWith("temp", StringComparison.Ordinal) ? Templates.HardwareTemperature
                    : sensor.StartsWith("fan", StringComparison.Ordinal) ? Templates.HardwareFanSpeed : null;
                if (template is not null) yield return new NumberSeries(template, [$"{device}:{sensor}", name, KernelName.TextOf(Path.Combine(chip, sensor + "_label"))], file, template == Templates.HardwareTemperature ? Milli : 1);
            }
        }
    }

    /// <summary>The thermal zones below /sys/class/thermal.</summary>
    public static IEnumerable<NumberSeries> Zones(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (string zone in Directory.EnumerateDirectories(folder, "thermal_zone*"))
            yield return new NumberSeries(Templates.HardwareTemperature, [Path.GetFileName(zone), KernelName.TextOf(Path.Combine(zone, "type")), ""], Path.Combine(zone, "temp"), Milli);
    }

    // A chip that goes away between the two listings has no inputs.
    private static string[] FilesOf(string chip)
    {
        try
        {
            return Directory.GetFiles(chip, "*" + Input);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // hwmonN is numbered anew at every start; the device behind it keeps its name.
    private static string DeviceOf(string chip)
    {
        try
        {
            return new DirectoryInfo(Path.Combine(chip, "device")).ResolveLinkTarget(returnFinalTarget: false) is { } device ? device.Name : Path.GetFileName(chip);
        }
        catch (IOException)
        {
            return Path.GetFileName(chip);
        }
    }
}
