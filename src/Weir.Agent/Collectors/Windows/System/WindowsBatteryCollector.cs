using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Charge and remaining time of all batteries together, and whether the host has external power, from GetSystemPowerStatus.</summary>
/// <remarks>A host without a battery has no series. What the system does not know, as the remaining time while charging, is not due.</remarks>
internal sealed unsafe class WindowsBatteryCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts = [new(Templates.BatteryCharge, [["all"]]), new(Templates.BatteryTimeLeft, [["all"]]), new(Templates.WindowsPower, [[]])];

    private const byte NoBattery = 0x80;
    private const byte Unknown = 0xFF;
    private const double Full = 100;

    /// <inheritdoc/>
    public string Name => "battery";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        NativeMethods.PowerStatus status;
        if (!NativeMethods.GetSystemPowerStatus(&status)) throw new Win32Exception(Marshal.GetLastPInvokeError());
        Collect(columns, status);
    }

    /// <summary>Writes a status into the columns.</summary>
    internal static void Collect(Columns columns, in NativeMethods.PowerStatus status)
    {
        // All bits set: the driver has not told yet, and the battery may come.
        bool isThere = status.BatteryFlags != Unknown && (status.BatteryFlags & NoBattery) == 0;
        if (isThere != columns.Count > 0) columns.Shape(isThere ? Parts : []);
        if (!isThere) return;
        if (status.ChargePercent <= Full) columns.Set(0, status.ChargePercent / Full);
        if (status.SecondsLeft >= 0) columns.Set(1, status.SecondsLeft);
        if (status.LineStatus <= 1) columns.Set(2, status.LineStatus);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }
}
