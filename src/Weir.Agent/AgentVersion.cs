using System.Reflection;

namespace Weir.Agent;

/// <summary>The version of this program.</summary>
internal static class AgentVersion
{
    /// <summary>As <c>weir-agent --version</c> says it, without the build.</summary>
    public static string Text { get; } = (typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
}
