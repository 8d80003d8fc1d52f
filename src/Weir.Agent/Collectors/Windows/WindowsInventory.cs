using System.Globalization;
using Weir.Agent.Collectors.Inventory;
using Weir.Agent.Collectors.Windows.Wmi;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The host's inventory from WMI. Needs no right beyond an ordinary user's.</summary>
internal sealed class WindowsInventory(WmiQueue queue)
{
    private const string Namespace = @"root\cimv2";
    private const int MaxRows = 256;

    /// <summary>The collector of it.</summary>
    public static InventoryCollector Collector(WmiQueue queue)
    {
        var inventory = new WindowsInventory(queue);
        return new InventoryCollector(inventory.Read, () => inventory.Shortfall);
    }

    /// <summary>Why the first class refused that left its part out of the last reading; null where none did that the host has.</summary>
    public string? Shortfall { get; private set; }

    /// <summary>Reads it. A class that refuses leaves its part out of this reading, and is asked again by the next; a query that hangs ends the reading, as the next would wait for it.</summary>
    /// <exception cref="SourceException">Every class refuses; the first says why.</exception>
    /// <exception cref="TimeoutException">A query hangs.</exception>
    public IReadOnlyList<InventoryPart> Read()
    {
        var parts = new List<InventoryPart>();
        SourceException? first = null;
        string? shortfall = null;
        Add("Win32_OperatingSystem", ["Caption", "Version", "BuildNumber"], static rows => [InventoryPart.Of(Templates.HostOs, Texts(rows))]);
        Add("Win32_ComputerSystem", ["Manufacturer", "Model"], static rows => [InventoryPart.Of(Templates.HostMachine, Texts(rows))]);
        Add("Win32_BIOS", ["Manufacturer", "SMBIOSBIOSVersion"], static rows => [InventoryPart.Of(Templates.HostFirmware, Texts(rows))]);
        Add("Win32_Processor", ["NumberOfCores", "DeviceID", "Manufacturer", "Name"], static rows => [InventoryPart.Of(Templates.HostCpu, Texts([.. rows.Select(static row => row[1..])])), .. Count(Templates.CpuPhysicalCount, rows)]);
        Add("Win32_PhysicalMemory", ["Capacity"], static rows => Count(Templates.HostMemory, rows));
        Add("Win32_DiskDrive", ["Index", "Model", "Size"], Disks);
        if (parts.Count == 0 && first is not null) throw first;
        Shortfall = shortfall;
        return parts;

        void Add(string className, string[] properties, Func<IReadOnlyList<WmiValue[]>, IEnumerable<InventoryPart>> partsOf)
        {
            try
            {
                parts.AddRange(partsOf(queue.Run(new WmiQuery(Namespace, className, properties) { MaxRows = MaxRows })));
            }
            catch (SourceException error) when (error.Reason != FailureReason.Stuck)
            {
                first ??= error;
                if (error.Reason != FailureReason.NotHere) shortfall ??= error.Message;
            }
        }
    }

    // Two rows that say the same are one thing as far as anybody can tell.
    private static string[][] Texts(IReadOnlyList<WmiValue[]> rows) =>
        [.. rows.Select(static row => (string[])[.. row.Select(static value => AttributeText.Of(value.AsAttribute()))]).DistinctBy(static texts => string.Join('\n', texts)).OrderBy(static texts => texts[0], StringComparer.Ordinal)];

    // The sum of the first values; left out where none is known.
    private static IEnumerable<InventoryPart> Count(Template template, IReadOnlyList<WmiValue[]> rows) => rows.Sum(static row => row[0].Number) is > 0 and var sum ? [InventoryPart.Of(template, sum)] : [];

    // Named as the disk collector names them. A drive without a medium has no size.
    private static IEnumerable<InventoryPart> Disks(IReadOnlyList<WmiValue[]> rows)
    {
        (string Name, string Model, double Bytes)[] disks =
        [
            .. rows.Where(static row => row[0].Kind == WmiValueKind.Number).DistinctBy(static row => row[0].Number).OrderBy(static row => row[0].Number)
                .Select(static row => (string.Create(CultureInfo.InvariantCulture, $"PhysicalDrive{row[0].Number}"), AttributeText.Of(row[1].AsAttribute()), row[2].Number)),
        ];
        yield return InventoryPart.Of(Templates.HostDisk, [.. disks.Select(static disk => (string[])[disk.Name, disk.Model])]);
        (string Name, string Model, double Bytes)[] sized = [.. disks.Where(static disk => disk.Bytes > 0)];
        yield return new InventoryPart(Templates.DiskLimit, [.. sized.Select(static disk => (string[])[disk.Name])], [.. sized.Select(static disk => disk.Bytes)]);
    }
}
