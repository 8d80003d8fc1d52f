namespace Weir.Agent.Collectors.Linux;

/// <summary>What the kernel's random number generator holds, from /proc/sys/kernel/random. Constant since Linux 5.18.</summary>
internal sealed class EntropyCollector(LinuxRoots roots)
    : FieldCollector("entropy", [File(roots, "entropy_avail"), File(roots, "poolsize")], Rows)
{
    private static readonly FieldRow[] Rows = [new(Templates.Entropy, [], new FieldKey(0, "0"), new FieldKey(1, "0"))];

    private static FieldFile File(LinuxRoots roots, string name) => new(Path.Combine(roots.Proc, "sys", "kernel", "random", name), FieldForm.Numbers);
}
