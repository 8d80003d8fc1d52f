using System.Globalization;
using System.Text;
using Weir.Agent.Collectors.Inventory;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The host's inventory from os-release, /proc/cpuinfo, DMI and /sys/block. All of it is open to every user.</summary>
internal sealed class LinuxInventory(LinuxRoots roots)
{
    private const int MaxDisks = 256;
    private const int BytesPerSector = 512;

    /// <summary>Reads it; a file that is not there leaves its part out.</summary>
    public IReadOnlyList<InventoryPart> Read() => [.. ReadSystem(), .. ReadMachine(), .. ReadCpus(), .. ReadDisks()];

    private IEnumerable<InventoryPart> ReadSystem()
    {
        Dictionary<string, string> release = [];
        foreach (string line in Text(roots.Etc, "os-release").Split('\n'))
            if (line.Split('=', 2) is [var key, var value]) release[key] = value.Trim().Trim('"', '\'');
        string kernel = Text(roots.Proc, "sys", "kernel", "osrelease");
        if (release.Count == 0 && kernel.Length == 0) yield break;
        yield return InventoryPart.Of(Templates.HostOs, [[AttributeText.Of(release.GetValueOrDefault("NAME", "Linux")), AttributeText.Of(release.GetValueOrDefault("VERSION_ID", "")), AttributeText.Of(kernel)]]);
    }

    private IEnumerable<InventoryPart> ReadMachine()
    {
        string[] machine = [Dmi("sys_vendor"), Dmi("product_name")], firmware = [Dmi("bios_vendor"), Dmi("bios_version")];
        if (machine.Any(static text => text.Length > 0)) yield return InventoryPart.Of(Templates.HostMachine, [machine]);
        if (firmware.Any(static text => text.Length > 0)) yield return InventoryPart.Of(Templates.HostFirmware, [firmware]);
    }

    private IEnumerable<InventoryPart> ReadCpus()
    {
        var packages = new SortedDictionary<int, string[]>();
        var cores = new HashSet<(int Package, int Core)>();
        string vendor = "", model = "";
        int package = 0;
        foreach (string line in Text(roots.Proc, "cpuinfo").Split('\n'))
        {
            if (line.Split(':', 2) is not [var key, var text]) continue;
            switch (key.Trim())
            {
                case "vendor_id": vendor = AttributeText.Of(text); break;
                case "model name": model = AttributeText.Of(text); break;
                case "physical id" when TryNumber(text, out package): packages[package] = [string.Create(CultureInfo.InvariantCulture, $"CPU{package}"), vendor, model]; break;
                case "core id" when TryNumber(text, out int core): cores.Add((package, core)); break;
                default: break;
            }
        }

        yield return InventoryPart.Of(Templates.HostCpu, [.. packages.Values]);
        // Some architectures and machines do not number their cores: then it is not known how many there are.
        if (cores.Count > 0) yield return InventoryPart.Of(Templates.CpuPhysicalCount, cores.Count);
    }

    // What has no device behind it is made of others: loop, device mapper, RAM.
    private IEnumerable<InventoryPart> ReadDisks()
    {
        string blocks = Path.Combine(roots.Sys, "block");
        string[] disks = Directory.Exists(blocks) ? [.. Directory.EnumerateFileSystemEntries(blocks).Select(Path.GetFileName).OfType<string>().Where(name => Directory.Exists(Path.Combine(blocks, name, "device"))).Order(StringComparer.Ordinal).Take(MaxDisks)] : [];
        yield return InventoryPart.Of(Templates.HostDisk, [.. disks.Select(name => (string[])[name, AttributeText.Of(Text(blocks, name, "device", "model"))])]);
        (string Name, double Bytes)[] sized = [.. disks.Select(name => (name, ulong.TryParse(Text(blocks, name, "size"), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out ulong sectors) ? sectors * (double)BytesPerSector : 0)).Where(static disk => disk.Item2 > 0)];
        yield return new InventoryPart(Templates.DiskLimit, [.. sized.Select(static disk => (string[])[disk.Name])], [.. sized.Select(static disk => disk.Bytes)]);
    }

    private string Dmi(string name) => AttributeText.Of(Text(roots.Sys, "class", "dmi", "id", name));

    private static bool TryNumber(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);

    private static string Text(params string[] path)
    {
        try
        {
            using var file = new ProcFile(Path.Combine(path));
            return Encoding.UTF8.GetString(file.Read());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
