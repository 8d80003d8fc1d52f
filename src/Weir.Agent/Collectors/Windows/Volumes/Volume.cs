namespace Weir.Agent.Collectors.Windows;

/// <summary>A volume that is mounted.</summary>
/// <param name="Root">What to ask for its space: <c>\\?\Volume{GUID}\</c>.</param>
/// <param name="Device">The drive, <c>C:</c>, or the volume where it is mounted in a folder.</param>
/// <param name="Point">Its first mount point: <c>C:\</c>.</param>
/// <param name="IsNamed">Whether the configuration asks for it by its mount point, whatever kind of drive it is.</param>
internal sealed record Volume(string Root, string Device, string Point, bool IsNamed);
