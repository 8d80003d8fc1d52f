namespace Weir.TestKit.Segments;

/// <summary>One intact entry of a segment file.</summary>
/// <param name="Offset">Where its payload begins in the file.</param>
/// <param name="Index">What stands in the block's index.</param>
/// <param name="Payload">The entry.</param>
public sealed record SegmentItem(long Offset, byte[] Index, byte[] Payload);
