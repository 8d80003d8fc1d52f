using System.Reflection;

namespace Weir.Server;

/// <summary>The version of this build.</summary>
internal static class ProductVersion
{
    /// <summary>Version without build metadata.</summary>
    public static string Text { get; } =
        (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
}
