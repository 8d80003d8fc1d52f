namespace Weir.Agent.Collectors.Linux;

/// <summary>How the kernel's clock is disciplined, from adjtimex, which is asked to change nothing and needs no right.</summary>
/// <remarks>The offset is what the daemon left to the kernel; a daemon that steers by itself (chrony) leaves none. Synchronized is what the kernel says, not what is true.</remarks>
internal sealed unsafe class TimeSyncCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts = [new(Templates.TimeSync, [[]])];

    private const int NotSynchronized = 5;
    private const int StatusNanoseconds = 0x2000;
    private const double Micro = 1e-6;
    private const double Nano = 1e-9;

    // Parts per million with a binary fraction of 16 bits.
    private const double FrequencyUnit = 1e-6 / 65536;

    /// <inheritdoc/>
    public string Name => "time_sync";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        var clock = default(LibC.Timex);
        int state = LibC.AdjTimeX(&clock);
        if (state < 0) throw new IOException($"adjtimex failed with error {System.Runtime.InteropServices.Marshal.GetLastPInvokeError()}");
        if (columns.Count == 0) columns.Shape(Parts);
        columns.Set(0, state == NotSynchronized ? 0 : 1);
        columns.Set(1, clock.Offset * ((clock.Status & StatusNanoseconds) != 0 ? Nano : Micro));
        columns.Set(2, clock.MaxError * Micro);
        columns.Set(3, clock.EstimatedError * Micro);
        columns.Set(4, clock.Frequency * FrequencyUnit);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing stays open.
    }
}
