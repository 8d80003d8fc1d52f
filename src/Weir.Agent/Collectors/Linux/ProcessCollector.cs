using System.IO.Enumeration;
using System.Text;

namespace Weir.Agent.Collectors.Linux;

/// <summary>How many processes are in which state, from /proc/[pid]/stat, and how many were ever created, from /proc/stat.</summary>
/// <remarks>A process that ends between the listing and the reading is not counted.</remarks>
internal sealed class ProcessCollector : ICollector
{
    private static readonly string[] States = ["running", "sleeping", "blocked", "idle", "stopped", "defunct"];

    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.ProcessCount, [.. States.Select(static state => (string[])[state])]),
        new(Templates.ProcessCreated, [[]]),
    ];

    // The state stands behind the command, which has at most 64 bytes.
    private const int StatBytes = 256;

    private readonly string _proc;
    private readonly ProcFile _stat;
    private readonly byte[] _path;
    private readonly int _prefix;
    private readonly int[] _counts = new int[States.Length];

    /// <summary>Reads the process directories below the root.</summary>
    public ProcessCollector(LinuxRoots roots)
    {
        _proc = roots.Proc;
        _stat = new ProcFile(Path.Combine(roots.Proc, "stat"));
        _prefix = Encoding.UTF8.GetByteCount(roots.Proc) + 1;
        _path = new byte[_prefix + 32];
        Encoding.UTF8.GetBytes(roots.Proc, _path);
        _path[_prefix - 1] = (byte)'/';
    }

    /// <inheritdoc/>
    public string Name => "processes";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        Array.Clear(_counts);
        var pids = new FileSystemEnumerable<int>(_proc, static (ref FileSystemEntry entry) => int.TryParse(entry.FileName, out int pid) ? pid : 0)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => char.IsAsciiDigit(entry.FileName[0]),
        };
        foreach (int pid in pids)
            if (StateOf(pid) is { } state) _counts[state]++;

        for (int i = 0; i < _counts.Length; i++) columns.Set(i, _counts[i]);
        var lines = new ProcText(_stat.Read());
        while (lines.TryLine(out ProcText line))
            if (line.Word().SequenceEqual("processes"u8)) columns.Set(States.Length, line.Number());
    }

    /// <inheritdoc/>
    public void Dispose() => _stat.Dispose();

    private unsafe int? StateOf(int pid)
    {
        if (!pid.TryFormat(_path.AsSpan(_prefix), out int digits)) return null;
        "/stat\0"u8.CopyTo(_path.AsSpan(_prefix + digits));
        byte* buffer = stackalloc byte[StatBytes];
        nint length;
        fixed (byte* path = _path)
        {
            int descriptor = LibC.Open(path, LibC.OCloseOnExec);
            if (descriptor < 0) return null;
            length = LibC.Read(descriptor, buffer, StatBytes);
            _ = LibC.Close(descriptor);
        }

        if (length <= 0) return null;
        var text = new ReadOnlySpan<byte>(buffer, (int)length);
        // The command may hold anything, parentheses and blanks included: the state follows the last one that the kernel wrote.
        int end = text.LastIndexOf(") "u8);
        return end < 0 || end + 2 >= text.Length ? null : IndexOf(text[end + 2]);
    }

    private static int IndexOf(byte state) => (char)state switch
    {
        'R' => 0,
        'D' => 2,
        'I' => 3,
        'T' or 't' => 4,
        'Z' or 'X' or 'x' => 5,
        _ => 1,
    };
}
