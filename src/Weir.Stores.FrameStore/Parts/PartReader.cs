using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Reads directories and blocks of one part through a handle of its own.</summary>
/// <remarks>Serves one thread. Nothing that fails its checksum is given out; whoever asked counts and names it.</remarks>
internal sealed class PartReader(Part part) : IDisposable
{
    private IFile? _file;
    private byte[] _buffer = [];

    /// <summary>The part.</summary>
    public Part Part { get; } = part;

    /// <summary>Reads the directory of a row; null where it is damaged.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public HostDirectory? TryReadDirectory(in PartRow row)
    {
        byte[]? raw = row.Directory.TryRead(File(), Part.DataEnd, PartFormat.MaxDirectoryBytes);
        return raw is null ? null : HostDirectoryCodec.TryRead(raw, Part.Info.HourMs, Part.Schemas, row.Offset);
    }

    /// <summary>Reads the bytes of a block.</summary>
    /// <returns>False where it is damaged.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool TryReadBlock(in PartBlock block, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (block.Length > Part.DataEnd) return false;
        if (_buffer.Length < block.Length) _buffer = new byte[Math.Max(block.Length, 16 * 1024)];
        Span<byte> target = _buffer.AsSpan(0, block.Length);
        if (File().Read(block.Offset, target) != target.Length || Crc32C.Compute(target) != block.Crc) return false;
        bytes = target;
        return true;
    }

    /// <summary>Reads and decodes a block.</summary>
    /// <param name="decoder">Decodes it.</param>
    /// <param name="strip">The block's strip.</param>
    /// <param name="block">The block.</param>
    /// <param name="values">Room for its columns x ticks values.</param>
    /// <param name="present">The same, for the marks.</param>
    /// <returns>False where it is damaged.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public bool TryDecodeBlock(StripDecoder decoder, PartStrip strip, in PartBlock block, Span<double> values, Span<byte> present) =>
        TryReadBlock(block, out ReadOnlySpan<byte> bytes) && decoder.TryDecode(bytes, block.Series.Length, strip.Ticks, values, present);

    /// <summary>The frames that could not be decoded when the log was sealed; null where the list is damaged.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IReadOnlyList<UnreadableFrame>? TryReadUnreadableFrames()
    {
        byte[]? raw = Part.UnreadableFrames.TryRead(File(), Part.DataEnd, PartFormat.MaxSectionBytes);
        return raw is null ? null : UnreadableFrame.TryReadList(raw);
    }

    /// <summary>The bytes of such a frame; null where they have changed since, or the list names a place outside of the part.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public byte[]? TryReadUnreadableFrame(UnreadableFrame frame) => new PartSection(frame.Offset, frame.Length, frame.Crc).TryReadBytes(File(), Part.DataEnd);

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private IFile File() => _file ??= Part.Files.Open(Part.Path, write: false);
}
