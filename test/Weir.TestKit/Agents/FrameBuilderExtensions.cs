using Weir.Frames;

namespace Weir.TestKit.Agents;

/// <summary>A frame by itself, where a test measures no memory.</summary>
public static class FrameBuilderExtensions
{
    /// <summary>Makes a frame of the gathered ticks; the builder starts anew.</summary>
    public static byte[] Seal(this FrameBuilder builder, ulong seq, uint clockGeneration)
    {
        using var encoder = new FrameEncoder();
        return encoder.Seal(builder, seq, clockGeneration).ToArray();
    }
}
