namespace Weir.Agent.Collectors.Linux;

/// <summary>Finds the sensors below /sys.</summary>
internal static class SensorTree
{
    /// <summary>Most sensors that are reported: a large server has some two hundred.</summary>
    public const int MaxSensors = 1024;

    private const string Input = "_input";
    private const int MaxLabelBytes = 256;

    /// <summary>Temperatures and fans of the chips below /sys/class/hwmon.</summary>
    public static IEnumerable<SensorName> Chips(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (string chip in Directory.EnumerateDirectories(folder))
        {
            string name = TextOf(Path.Combine(chip, "name")), device = DeviceOf(chip);
            foreach (string file in FilesOf(chip))
            {
                string sensor = Path.GetFileName(file)[..^Input.Length];
                Template? template =
                    sensor.StartsWith("temp", StringComparison.Ordinal) ? Templates.HardwareTemperature
                    : sensor.StartsWith("fan", StringComparison.Ordinal) ? Templates.HardwareFanSpeed : null;
                if (template is not null) yield return new SensorName(template, $"{device}:{sensor}", name, TextOf(Path.Combine(chip, sensor + "_label")), file);
            }
        }
    }

    /// <summary>The thermal zones below /sys/class/thermal.</summary>
    public static IEnumerable<SensorName> Zones(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (string zone in Directory.EnumerateDirectories(folder, "thermal_zone*"))
            yield return new SensorName(Templates.HardwareTemperature, Path.GetFileName(zone), TextOf(Path.Combine(zone, "type")), "", Path.Combine(zone, "temp"));
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

    private static string TextOf(string path)
    {
        try
        {
            using var file = new ProcFile(path);
            ReadOnlySpan<byte> text = file.Read().Trim(" \t\n"u8);
            return KernelName.Decode(text[..Math.Min(text.Length, MaxLabelBytes)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
