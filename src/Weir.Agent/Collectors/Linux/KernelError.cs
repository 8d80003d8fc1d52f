using System.Globalization;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Errors of the kernel as the exceptions by which a collector's failure is told apart.</summary>
internal static class KernelError
{
    /// <summary>An exception for an errno at a path.</summary>
    public static Exception At(string path, int error) => error switch
    {
        LibC.ENoEnt => new DirectoryNotFoundException($"{path} is not here"),
        LibC.EAcces or LibC.EPerm => new UnauthorizedAccessException($"{path} may not be read"),
        _ => new IOException(string.Create(CultureInfo.InvariantCulture, $"{path} cannot be read (errno {error})")),
    };
}
