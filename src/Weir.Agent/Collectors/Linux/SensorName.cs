namespace Weir.Agent.Collectors.Linux;

/// <summary>A sensor of the machine.</summary>
/// <param name="Template">What it measures.</param>
/// <param name="Id">Its device and input: <c>coretemp.0:temp1</c>.</param>
/// <param name="Chip">What the device calls itself: <c>coretemp</c>.</param>
/// <param name="Label">What the input is called: <c>Core 0</c>; empty where nobody named it.</param>
/// <param name="Path">The file of its value.</param>
internal sealed record SensorName(Template Template, string Id, string Chip, string Label, string Path);
