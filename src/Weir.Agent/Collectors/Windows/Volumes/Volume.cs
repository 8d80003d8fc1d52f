namespace Weir.Agent.Collectors.Windows;

/// <summary>A volume with a file system on it.</summary>
/// <param name="Root">What to ask for its space: <c>\\?\Volume{GUID}\</c>.</param>
/// <param name="Device">The drive, <c>C:</c>, or the volume where it is mounted in a folder.</param>
/// <param name="Point">Its first mount point: <c>C:\</c>.</param>
/// <param name="Type">File system: <c>NTFS</c>.</param>
/// <param name="Mode"><c>rw</c> or <c>ro</c>.</param>
internal sealed record Volume(string Root, string Device, string Point, string Type, string Mode);
