using Weir.Contracts;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>Parts that are durable and count from the moment that a manifest names them.</summary>
/// <param name="To">The positions up to which they hold the log.</param>
/// <param name="Parts">The parts, open.</param>
internal sealed record PendingSeal(LogPositions To, IReadOnlyList<Part> Parts);
