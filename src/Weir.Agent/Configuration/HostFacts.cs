using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32;
using Weir.Agent.Identity;

namespace Weir.Agent.Configuration;

/// <summary>What the host says of itself, in OpenTelemetry attributes.</summary>
internal static class HostFacts
{
    private const int MachineIdCharacters = 64;

    /// <summary>The attributes of all series of this host: name, id where the system has one, system, architecture, and the configured ones.</summary>
    public static IReadOnlyList<SeriesAttribute> AttributesOf(AgentConfig config)
    {
        var attributes = new List<SeriesAttribute> { new("host.name", config.HostName ?? Environment.MachineName) };
        if (MachineId() is { Length: > 0 } id) attributes.Add(new SeriesAttribute("host.id", id));
        attributes.Add(new SeriesAttribute("os.type", OperatingSystem.IsWindows() ? "windows" : "linux"));
        attributes.Add(new SeriesAttribute("host.arch", ArchitectureName()));
        foreach ((string key, string value) in config.HostAttributes.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            attributes.RemoveAll(attribute => attribute.Key == key);
            attributes.Add(new SeriesAttribute(key, value));
        }

        return attributes;
    }

    /// <summary>What tells this machine from a copy of it.</summary>
    public static MachineMark Machine() => MachineMark.Of(MachineId(), OperatingSystem.IsLinux() ? TryReadId("/sys/class/dmi/id/product_uuid") : null);

    private static string? MachineId() => OperatingSystem.IsWindows() ? WindowsMachineId() : LinuxMachineId();

    [SupportedOSPlatform("windows")]
    private static string? WindowsMachineId() =>
        Registry.GetValue(@"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography", "MachineGuid", null) as string;

    private static string? LinuxMachineId()
    {
        foreach (string path in (ReadOnlySpan<string>)["/etc/machine-id", "/var/lib/dbus/machine-id"])
            if (TryReadId(path) is { } id) return id;
        return null;
    }

    private static string? TryReadId(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using var reader = new StreamReader(path);
            var text = new char[MachineIdCharacters];
            string id = new string(text, 0, reader.ReadBlock(text)).Trim();
            return id.Length > 0 ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string ArchitectureName() => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.X86 => "x86",
        Architecture.Arm64 => "arm64",
        Architecture.Arm => "arm32",
        Architecture other => other.ToString().ToLowerInvariant(),
    };
}
