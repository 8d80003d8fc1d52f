using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>What the frames of a group that were made in one go have in common; a group keeps each once.</summary>
/// <param name="ClockGeneration">Clock generation.</param>
/// <param name="StartNumber">The agent's start number.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Baseline">The baseline that they are coded against; null for codec 0.</param>
internal readonly record struct FrameOrigin(uint ClockGeneration, uint StartNumber, ulong Epoch, PackedBaseline? Baseline)
{
    // Seeded, and over both halves of the epoch: an agent picks its numbers, and must not be able to make all of them collide.
    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ClockGeneration, StartNumber, (uint)Epoch, (uint)(Epoch >> 32), Baseline);
}
