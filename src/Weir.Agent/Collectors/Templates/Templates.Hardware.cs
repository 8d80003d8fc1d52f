namespace Weir.Agent.Collectors;

internal static partial class Templates
{
    // The device, its name, and where it says the sensor is.
    public static Template HardwareTemperature { get; } = Of(["hw.id", "hw.name", "hw.sensor_location"], Gauge("hw.temperature", "Cel"));

    public static Template HardwareFanSpeed { get; } = Of(["hw.id", "hw.name", "hw.sensor_location"], Gauge("hw.fan.speed", "rpm"));

    public static Template HardwareErrors { get; } = Of(["hw.id", "hw.name", "error.type"], Counter("hw.errors", "{error}"));

    public static Template MemoryRowErrors { get; } = Of(["hw.id", "system.memory.linux.row", "error.type"], Counter("system.memory.linux.row.errors", "{error}"));
}
