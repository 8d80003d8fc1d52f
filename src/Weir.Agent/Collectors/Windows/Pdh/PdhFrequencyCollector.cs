using System.Globalization;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>The frequency of each logical processor from the object "Processor Information", for where the native call does not name all of them.</summary>
/// <remarks>What the power manager has set, without turbo, as of the native call; processors are numbered as <see cref="PdhCpuCollector"/> does.</remarks>
internal sealed class PdhFrequencyCollector(PdhSession session) : ICollector
{
    private const double HertzPerMegahertz = 1e6;

    private readonly PdhTable _table = new("Processor Information", [new PdhColumn("Processor Frequency") { Factor = HertzPerMegahertz, IsZeroNone = true }], new PdhInstances(static _ => true, PdhCpuCollector.MaxProcessors), session);
    private int[] _numbers = [];
    private bool _isShaped;

    /// <inheritdoc/>
    public string Name => "cpu_frequency";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (!_table.Read() || !_isShaped)
        {
            _isShaped = false;
            _numbers = PdhCpuCollector.NumbersOf(_table.Rows);
            columns.Shape(_numbers.Length == 0 ? [] : [new SchemaPart(Templates.CpuFrequency, [.. Enumerable.Range(0, _numbers.Length).Select(static cpu => (string[])[cpu.ToString(CultureInfo.InvariantCulture)])])]);
            _isShaped = true;
        }

        for (int row = 0; row < _numbers.Length; row++) _table.Set(columns, _numbers[row], _table.CellOf(0, row));
    }

    /// <inheritdoc/>
    public void Dispose() => _table.Dispose();
}
