namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Small performance objects that are shipped as they are.</summary>
internal static class PdhObjects
{
    private const double ZeroCelsius = -273.15;

    /// <summary>Threads that are ready and wait for a processor.</summary>
    public static PdhObject CpuQueue { get; } = new("System", [PdhSeries.Of(Templates.WindowsCpuQueue, new PdhColumn("Processor Queue Length"))]) { HasInstances = false };

    /// <summary>Temperatures of the firmware's thermal zones: tenths of a kelvin, and zero where a zone has no sensor.</summary>
    public static PdhObject ThermalZones { get; } = new(
        "Thermal Zone Information",
        [new(Templates.HardwareTemperature, [new PdhVariant(["thermal zone", ""], [new PdhColumn("High Precision Temperature") { Factor = 0.1, Offset = ZeroCelsius, IsZeroNone = true }])])]);
}
