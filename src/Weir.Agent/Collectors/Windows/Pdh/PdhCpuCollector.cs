using System.Globalization;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Time per logical processor and mode from the object "Processor Information", for where the native calls fail.</summary>
/// <remarks>
/// Its instances are called <c>node,number</c>: logical processors are numbered through in that order, which is the system's own where nodes and groups are full.
/// Privileged time includes DPC and interrupt time: <c>system</c> is what remains, <c>interrupt</c> is the sum of the two.
/// </remarks>
internal sealed class PdhCpuCollector : ICollector
{
    private static readonly string[] Modes = ["user", "system", "idle", "interrupt"];
    private static readonly PdhColumn[] Counters = [new("% User Time"), new("% Privileged Time"), new("% Idle Time"), new("% Interrupt Time"), new("% DPC Time"), new("Interrupts/sec")];

    private const int User = 0, Privileged = 1, Idle = 2, Interrupt = 3, Dpc = 4, Interrupts = 5;
    private const int ValuesPerProcessor = 2;

    /// <summary>Most processors.</summary>
    public const int MaxProcessors = 1024;

    private const int UtilizationDigits = 4;

    private readonly PdhTable _table;
    private int[] _numbers = [];
    private (double Busy, double Idle)[] _last = [];

    // What remains of times that do not advance together: it must not fall.
    private double[] _system = [];
    private bool _isShaped;

    /// <summary>Opens the query.</summary>
    public PdhCpuCollector(PdhSession session) => _table = new PdhTable("Processor Information", Counters, new PdhInstances(static _ => true, MaxProcessors), session);

    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (!_table.Read() || !_isShaped)
        {
            _isShaped = false;
            Shape(columns);
            _isShaped = true;
        }

        int count = _numbers.Length, ownAt = count * (Modes.Length + 1);
        for (int row = 0; row < count; row++)
        {
            int cpu = _numbers[row], at = cpu * Modes.Length;
            if (_table.ValueOf(User, row) is not { } user || _table.ValueOf(Privileged, row) is not { } privileged || _table.ValueOf(Idle, row) is not { } idle) continue;
            double interrupt = (_table.ValueOf(Interrupt, row) ?? 0) + (_table.ValueOf(Dpc, row) ?? 0);
            columns.Set(at, user);
            columns.Set(at + 1, _system[cpu] = Math.Max(_system[cpu], privileged - interrupt));
            columns.Set(at + 2, idle);
            columns.Set(at + 3, interrupt);
            (double busyBefore, double idleBefore) = _last[cpu];
            double busy = user + privileged, total = busy + idle - busyBefore - idleBefore;
            if (busyBefore + idleBefore > 0 && total > 0)
                columns.Set((count * Modes.Length) + cpu, Math.Round(Math.Clamp(1 - ((idle - idleBefore) / total), 0, 1), UtilizationDigits));
            _last[cpu] = (busy, idle);
            if (_table.ValueOf(Dpc, row) is { } dpc) columns.Set(ownAt + (cpu * ValuesPerProcessor), dpc);
            if (_table.ValueOf(Interrupts, row) is { } interrupts) columns.Set(ownAt + (cpu * ValuesPerProcessor) + 1, interrupts);
        }

        if (count > 0) columns.Set(ownAt + (count * ValuesPerProcessor), count);
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();

    private void Shape(Columns columns)
    {
        _numbers = NumbersOf(_table.Rows);
        _last = new (double Busy, double Idle)[_numbers.Length];
        _system = new double[_numbers.Length];
        string[][] processors = [.. Enumerable.Range(0, _numbers.Length).Select(static cpu => (string[])[cpu.ToString(CultureInfo.InvariantCulture)])];
        columns.Shape(
            processors.Length == 0 ? [] :
            [
                new SchemaPart(Templates.CpuTime, [.. processors.SelectMany(static number => Modes.Select(mode => (string[])[.. number, mode]))]),
                new SchemaPart(Templates.CpuUtilization, processors),
                new SchemaPart(Templates.WindowsCpu, processors),
                new SchemaPart(Templates.CpuCount, [[]]),
            ]);
    }

    /// <summary>The logical processor of each instance.</summary>
    /// <exception cref="FormatException">An instance is not two numbers.</exception>
    internal static int[] NumbersOf(IReadOnlyList<string> instances)
    {
        (int Node, int Number)[] places = [.. instances.Select(static instance => PlaceOf(instance))];
        int[] order = [.. Enumerable.Range(0, places.Length).OrderBy(row => places[row])], numbers = new int[places.Length];
        for (int number = 0; number < order.Length; number++) numbers[order[number]] = number;
        return numbers;
    }

    private static (int Node, int Number) PlaceOf(string instance)
    {
        int comma = instance.IndexOf(',', StringComparison.Ordinal);
        return comma > 0
            && int.TryParse(instance.AsSpan(0, comma), NumberStyles.None, CultureInfo.InvariantCulture, out int node)
            && int.TryParse(instance.AsSpan(comma + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? (node, number)
            : throw new FormatException($"'{instance}' is not a processor of the object Processor Information");
    }
}
