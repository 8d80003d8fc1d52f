using Weir.Agent.Collectors.Filesystems;

namespace Weir.Agent.Collectors.Windows;

/// <summary>What a volume says of itself.</summary>
/// <param name="Type">File system: <c>NTFS</c>; null where it has none that is known, or no medium, or is of a kind that is not wanted.</param>
/// <param name="Mode"><c>rw</c> or <c>ro</c>.</param>
/// <param name="Space">Its space.</param>
internal readonly record struct VolumeState(string? Type, string Mode, FilesystemSpace Space);
