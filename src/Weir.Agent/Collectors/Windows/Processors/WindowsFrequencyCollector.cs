using System.ComponentModel;
using System.Globalization;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The frequency of each logical processor from CallNtPowerInformation.</summary>
/// <remarks>
/// What the power manager has set, without turbo. The call names processors by their place, without groups and without saying how many it names: where
/// it names fewer than are active, it cannot be told which, and the source fails: above 64 processors it may name those of one group alone.
/// </remarks>
internal sealed unsafe class WindowsFrequencyCollector : ICollector
{
    private const double HertzPerMegahertz = 1e6;

    private NativeMethods.ProcessorPower[] _powers = [];
    private int[] _active = [];

    /// <inheritdoc/>
    public string Name => "cpu_frequency";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (HasChanged()) Shape(columns);
        Array.Clear(_powers);
        int status;
        fixed (NativeMethods.ProcessorPower* powers = _powers)
            status = NativeMethods.CallNtPowerInformation(NativeMethods.ProcessorPowerInformation, null, 0, powers, (uint)(_powers.Length * sizeof(NativeMethods.ProcessorPower)));
        if (status < 0) throw new Win32Exception(status, $"CallNtPowerInformation answers 0x{status:X8}");
        for (int cpu = 0; cpu < _powers.Length; cpu++)
        {
            if (_powers[cpu].MaxMHz == 0) throw new InvalidDataException($"CallNtPowerInformation names {cpu} of {_powers.Length} processors");
            columns.Set(cpu, _powers[cpu].CurrentMHz * HertzPerMegahertz);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private bool HasChanged()
    {
        if (_active.Length != NativeMethods.GetActiveProcessorGroupCount()) return true;
        for (int group = 0; group < _active.Length; group++)
            if (_active[group] != NativeMethods.GetActiveProcessorCount((ushort)group)) return true;
        return false;
    }

    private void Shape(Columns columns)
    {
        int groups = NativeMethods.GetActiveProcessorGroupCount();
        int[] active = [.. Enumerable.Range(0, groups).Select(static group => (int)NativeMethods.GetActiveProcessorCount((ushort)group))];
        int[] numbers = ProcessorNumbers.Of(active, [.. Enumerable.Range(0, groups).Select(static group => (int)NativeMethods.GetMaximumProcessorCount((ushort)group))]);
        columns.Shape([new SchemaPart(Templates.CpuFrequency, [.. numbers.Select(static number => (string[])[number.ToString(CultureInfo.InvariantCulture)])])]);
        _powers = new NativeMethods.ProcessorPower[numbers.Length];
        _active = active;
    }
}
