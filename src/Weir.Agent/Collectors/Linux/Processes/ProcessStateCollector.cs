namespace Weir.Agent.Collectors.Linux.Processes;

/// <summary>How many processes are in which state, from /proc/[pid]/stat, and how many were ever created, from /proc/stat.</summary>
/// <remarks>A process that ends between the listing and the reading is not counted.</remarks>
internal sealed class ProcessStateCollector(CollectorContext context) : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.ProcessCount, [.. ProcessWalk.States.Select(static state => (string[])[state])]),
        new(Templates.ProcessCreated, [[]]),
    ];

    private readonly ProcessWalk _walk = context.Shared?.ProcessWalk ?? new ProcessWalk(context.Roots, context.Time);
    private readonly ProcFile _stat = new(Path.Combine(context.Roots.Proc, "stat"));
    private readonly int[] _counts = new int[ProcessWalk.States.Length];
    private long _seen;

    /// <inheritdoc/>
    public string Name => "processes";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        _walk.Count(_counts, ref _seen);
        for (int i = 0; i < _counts.Length; i++) columns.Set(i, _counts[i]);
        var lines = new ProcText(_stat.Read());
        while (lines.TryLine(out ProcText line))
            if (line.Word().SequenceEqual("processes"u8)) columns.Set(_counts.Length, line.Number());
    }

    /// <inheritdoc/>
    public void Dispose() => _stat.Dispose();
}
