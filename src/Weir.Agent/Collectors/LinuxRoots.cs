namespace Weir.Agent.Collectors;

/// <summary>Where the kernel's files are. Tests point it at recorded trees; a container may point it at the host's mounts.</summary>
internal sealed record LinuxRoots(string Proc = "/proc", string Sys = "/sys", string Etc = "/etc");
