namespace Weir.Agent.Collectors.Linux;

/// <summary>How long tasks waited for cpu, memory, input and output, or interrupts: pressure stall information from /proc/pressure.</summary>
/// <remarks>
/// <c>some</c>: at least one task waited; <c>full</c>: all that had work did. A resource whose file the kernel lacks (or has without answering, with <c>psi=0</c>) is left out, and
/// looked for once a minute; where all are, the collector is not here. One that gave values and fails now is failed alone.
/// </remarks>
internal sealed class PressureCollector : ICollector
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);
    private static readonly string[] Names = ["cpu", "memory", "io", "irq"];
    private static readonly string[] Windows = ["10s", "60s", "300s"];

    private const double MicrosecondsPerSecond = 1e6;
    private const double Percent = 100;
    private const int RatioDigits = 4;

    private readonly TimeProvider _time;
    private readonly Resource[] _resources;
    private int _rows;
    private long _searchedAt;

    /// <summary>Reads below /proc.</summary>
    public PressureCollector(CollectorContext context)
    {
        _time = context.Time;
        _resources = [.. Names.Select(name => new Resource(name, new ProcFile(Path.Combine(context.Roots.Proc, "pressure", name))))];
    }

    /// <inheritdoc/>
    public string Name => "pressure";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0 || (Array.Exists(_resources, static resource => resource.IsLacking) && _time.GetElapsedTime(_searchedAt) >= SearchInterval)) Search(columns);
        int row = 0;
        foreach (Resource resource in _resources)
        {
            if (resource.IsLacking) continue;
            Read(resource, row, columns);
            row += resource.Kinds.Length;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Resource resource in _resources) resource.File.Dispose();
    }

    private void Read(Resource resource, int firstRow, Columns columns)
    {
        FailureReason missing = FailureReason.Error;
        int read = 0;
        try
        {
            var lines = new ProcText(resource.File.Read());
            while (read < resource.Kinds.Length && lines.TryLine(out ProcText line)) Take(ref line, resource.Kinds[read], firstRow + read++, columns);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            missing = error switch
            {
                UnauthorizedAccessException => FailureReason.AccessDenied,
                FileNotFoundException or DirectoryNotFoundException => FailureReason.NotHere,
                _ => FailureReason.Error,
            };
        }

        for (; read < resource.Kinds.Length; read++) Fail(firstRow + read, missing, columns);
    }

    // some avg10=0.00 avg60=0.00 avg300=0.00 total=0
    private void Take(ref ProcText line, string kind, int row, Columns columns)
    {
        if (!System.Text.Ascii.Equals(line.Word(), kind))
        {
            Fail(row, FailureReason.Error, columns);
            return;
        }

        Span<double> averages = stackalloc double[Windows.Length];
        foreach (ref double average in averages)
        {
            line.Until((byte)'=');
            average = line.Decimal();
        }

        line.Until((byte)'=');
        double total = line.Number();
        if (line.IsMalformed)
        {
            Fail(row, FailureReason.Error, columns);
            return;
        }

        columns.Set(row, total / MicrosecondsPerSecond);
        for (int window = 0; window < Windows.Length; window++)
            columns.Set(_rows + (row * Windows.Length) + window, Math.Round(averages[window] / Percent, RatioDigits));
    }

    private void Fail(int row, FailureReason reason, Columns columns)
    {
        columns.Fail(row, reason);
        for (int window = 0; window < Windows.Length; window++) columns.Fail(_rows + (row * Windows.Length) + window, reason);
    }

    private void Search(Columns columns)
    {
        _searchedAt = _time.GetTimestamp();
        Exception? last = null;
        foreach (Resource resource in _resources.Where(static resource => resource.IsLacking))
        {
            try
            {
                var lines = new ProcText(resource.File.Read());
                var kinds = new List<string>();
                while (lines.TryLine(out ProcText line))
                    if (line.Word() is var kind && (kind.SequenceEqual("some"u8) || kind.SequenceEqual("full"u8))) kinds.Add(KernelName.Decode(kind));
                resource.Kinds = [.. kinds.Distinct()];
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // What is denied says more than what is not there.
                if (last is not UnauthorizedAccessException) last = error;
            }
        }

        string[][] rows = [.. _resources.SelectMany(static resource => resource.Kinds.Select(kind => (string[])[resource.Name, kind]))];
        if (rows.Length == 0) throw last ?? new InvalidDataException($"{_resources[0].File.Path} and its neighbours tell no pressure");
        if (rows.Length == _rows && columns.Count > 0) return;
        _rows = rows.Length;
        columns.Shape(
        [
            new SchemaPart(Templates.PressureTime, rows),
            new SchemaPart(Templates.PressureRatio, [.. rows.SelectMany(static row => Windows.Select(window => (string[])[.. row, window]))]),
        ]);
    }

    private sealed class Resource(string name, ProcFile file)
    {
        public string Name => name;

        public ProcFile File => file;

        public string[] Kinds { get; set; } = [];

        public bool IsLacking => Kinds.Length == 0;
    }
}
