namespace Weir.Bench.Codec;

/// <summary>How fast messages are handled.</summary>
/// <param name="SamplesPerSecond">Samples by the CPU seconds of one thread, in the fastest round.</param>
/// <param name="AllocatedBytesPerMessage">Bytes of garbage per message once everything is warm.</param>
internal readonly record struct Speed(double SamplesPerSecond, double AllocatedBytesPerMessage);
