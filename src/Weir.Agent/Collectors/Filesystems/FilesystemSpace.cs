namespace Weir.Agent.Collectors.Filesystems;

/// <summary>The space of a file system in bytes.</summary>
/// <param name="Limit">All of it.</param>
/// <param name="Free">What users, or with a quota the agent's account, may still take.</param>
/// <param name="Reserved">What is free beyond that.</param>
/// <param name="Inodes">Files that it may hold; 0 where it has no such limit.</param>
/// <param name="FreeInodes">Files that it may still take.</param>
internal readonly record struct FilesystemSpace(double Limit, double Free, double Reserved, double Inodes = 0, double FreeInodes = 0)
{
    /// <summary>What is taken.</summary>
    public double Used => Limit - Free - Reserved;
}
