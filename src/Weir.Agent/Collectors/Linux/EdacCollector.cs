using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Errors that memory controllers corrected, or could not, in all and per row of chips, from /sys/devices/system/edac/mc.</summary>
/// <remarks>A controller's errors contain those of its rows. Rows are named by the driver: newer ones have none. Not here where no driver knows the machine's memory.</remarks>
internal sealed class EdacCollector(CollectorContext context) : NumberFileCollector("edac", context.Time)
{
    private static readonly (string File, string Kind)[] Counts = [("ce_count", "correctable"), ("ue_count", "uncorrectable")];

    private readonly string _folder = Path.Combine(context.Roots.Sys, "devices", "system", "edac", "mc");
    private readonly NamePatterns _names = context.Config.Names;

    /// <inheritdoc/>
    protected override NumberSeries[] Find()
    {
        string[] controllers = [.. Directory.EnumerateDirectories(_folder, "mc*").Where(path => _names.Says(Path.GetFileName(path)) != false).Order(StringComparer.Ordinal)];
        if (controllers.Length == 0) throw new FileNotFoundException($"{_folder} holds no memory controller", _folder);
        IEnumerable<string> rows = controllers.SelectMany(static controller => Directory.EnumerateDirectories(controller, "csrow*").Order(StringComparer.Ordinal));
        return
        [
            .. controllers.SelectMany(static controller => Counts.Select(count =>
                new NumberSeries(Templates.HardwareErrors, [Path.GetFileName(controller), KernelName.TextOf(Path.Combine(controller, "mc_name")), count.Kind], Path.Combine(controller, count.File)))),
            .. rows.SelectMany(static row => Counts.Select(count =>
                new NumberSeries(Templates.MemoryRowErrors, [Path.GetFileName(Path.GetDirectoryName(row))!, Path.GetFileName(row), count.Kind], Path.Combine(row, count.File)))),
        ];
    }
}
