namespace Weir.Agent.Collectors.Linux;

/// <summary>A mounted file system.</summary>
/// <param name="Device">What is mounted: <c>/dev/sda1</c>.</param>
/// <param name="Point">Where.</param>
/// <param name="Type">File system type: <c>ext4</c>.</param>
/// <param name="Mode"><c>rw</c> or <c>ro</c>.</param>
internal sealed record Mount(string Device, string Point, string Type, string Mode);
