using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Traffic, errors, state and rate of each InfiniBand port, from /sys/class/infiniband.</summary>
/// <remarks>State is the kernel's: 1 down, 2 initializing, 3 armed, 4 active, 5 active and deferring. A counter that the adapter does not keep is left out.</remarks>
internal sealed class InfinibandCollector(CollectorContext context) : NumberFileCollector("infiniband", context.Time)
{
    private const double BitsPerGigabit = 1e9;

    // The adapter counts words of four octets.
    private const double OctetsPerWord = 4;

    private static readonly (Template Template, string Kind, string File, double Scale, bool IsLeading)[] Values =
    [
        (Templates.InfinibandIo, "receive", "counters/port_rcv_data", OctetsPerWord, false),
        (Templates.InfinibandIo, "transmit", "counters/port_xmit_data", OctetsPerWord, false),
        (Templates.InfinibandPackets, "receive", "counters/port_rcv_packets", 1, false),
        (Templates.InfinibandPackets, "transmit", "counters/port_xmit_packets", 1, false),
        (Templates.InfinibandErrors, "symbol", "counters/symbol_error", 1, false),
        (Templates.InfinibandErrors, "link_recovery", "counters/link_error_recovery", 1, false),
        (Templates.InfinibandErrors, "link_downed", "counters/link_downed", 1, false),
        (Templates.InfinibandErrors, "receive", "counters/port_rcv_errors", 1, false),
        (Templates.InfinibandErrors, "remote_physical", "counters/port_rcv_remote_physical_errors", 1, false),
        (Templates.InfinibandErrors, "receive_constraint", "counters/port_rcv_constraint_errors", 1, false),
        (Templates.InfinibandErrors, "transmit_constraint", "counters/port_xmit_constraint_errors", 1, false),
        (Templates.InfinibandErrors, "transmit_discard", "counters/port_xmit_discards", 1, false),
        (Templates.InfinibandErrors, "link_integrity", "counters/local_link_integrity_errors", 1, false),
        (Templates.InfinibandErrors, "buffer_overrun", "counters/excessive_buffer_overrun_errors", 1, false),
        (Templates.InfinibandState, "", "state", 1, true),
        (Templates.InfinibandRate, "", "rate", BitsPerGigabit, true),
    ];

    private readonly string _folder = Path.Combine(context.Roots.Sys, "class", "infiniband");
    private readonly NamePatterns _names = context.Config.Names;

    /// <inheritdoc/>
    protected override NumberSeries[] Find()
    {
        string[] ports =
        [
            .. Directory.EnumerateFileSystemEntries(_folder).Where(path => _names.Says(Path.GetFileName(path)) != false && Directory.Exists(Path.Combine(path, "ports")))
                .SelectMany(static path => Directory.EnumerateDirectories(Path.Combine(path, "ports"))).Order(StringComparer.Ordinal),
        ];
        if (ports.Length == 0) throw new FileNotFoundException($"{_folder} holds no port", _folder);
        return
        [
            .. Values.SelectMany(value => ports.Where(port => IsKept(Path.Combine(port, value.File))).Select(port =>
                new NumberSeries(value.Template, InstanceOf(port, value.Kind), Path.Combine(port, value.File), value.Scale, value.IsLeading))),
        ];
    }

    private static string[] InstanceOf(string port, string kind)
    {
        string device = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(port)))!, number = Path.GetFileName(port);
        return kind.Length == 0 ? [device, number] : [device, number, kind];
    }

    // "N/A (no PMA)" where the adapter has no such counter.
    private static bool IsKept(string path) => File.Exists(path) && !KernelName.TextOf(path).StartsWith("N/A", StringComparison.Ordinal);
}
