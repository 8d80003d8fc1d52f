namespace Weir.Agent.Collectors.Linux;

/// <summary>Open files of the whole host and their limit, from /proc/sys/fs/file-nr.</summary>
internal sealed class FileDescriptorCollector(LinuxRoots roots)
    : FieldCollector("file_descriptors", [new FieldFile(Path.Combine(roots.Proc, "sys", "fs", "file-nr"), FieldForm.Numbers)], Rows)
{
    // allocated, allocated but unused (always 0), limit
    private static readonly FieldRow[] Rows = [new(Templates.FileDescriptors, [], new FieldKey(0, "0"), new FieldKey(0, "2"))];
}
