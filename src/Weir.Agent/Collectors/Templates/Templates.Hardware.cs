namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    // The device, its name, and where it says the sensor is.
    public static Template HardwareTemperature { get; } = Of(["hw.id", "hw.name", "hw.sensor_location"], Gauge("hw.temperature", "Cel"));
}
