namespace Weir.Agent.Collectors.Children;

/// <summary>Keeps all that a child program writes, up to a limit.</summary>
/// <remarks>Written by the child's thread; read by the owner once the child has ended.</remarks>
internal sealed class BoundedOutput(int maxBytes) : IChildSink
{
    private byte[] _bytes = new byte[16 << 10];
    private int _length;

    /// <summary>Whether there was more than the limit: the rest was dropped.</summary>
    public bool IsCut { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        int kept = Math.Min(bytes.Length, maxBytes - _length);
        IsCut |= kept < bytes.Length;
        if (_length + kept > _bytes.Length) Array.Resize(ref _bytes, Math.Min(Math.Max(_bytes.Length * 2, _length + kept), maxBytes));
        bytes[..kept].CopyTo(_bytes.AsSpan(_length));
        _length += kept;
    }
}
