namespace Weir.Agent.Collectors.Scraping;

/// <summary>The bytes of an answer in a buffer that is used again. Grows as answers do, up to the target's limit; what is beyond it is never read.</summary>
/// <param name="maxBytes">Most bytes.</param>
internal sealed class ScrapeBody(int maxBytes)
{
    private const int FirstBytes = 16 << 10;

    private byte[] _buffer = [];
    private int _length;

    /// <summary>The bytes; valid until the next <see cref="ReadAsync"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>How many they are.</summary>
    public int Length => _length;

    /// <summary>Forgets the bytes.</summary>
    public void Clear() => _length = 0;

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="ScrapeException">It has more bytes than allowed.</exception>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        _length = 0;
        while (true)
        {
            // One byte more than allowed: the end is seen only by reading on.
            if (_length == _buffer.Length) Array.Resize(ref _buffer, (int)Math.Min(maxBytes + 1L, Math.Max(FirstBytes, _buffer.Length * 2L)));
            int read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken).ConfigureAwait(false);
            if (read == 0) return;
            _length += read;
            if (_length > maxBytes) throw TooLong();
        }
    }

    /// <summary>Says that an answer is too long.</summary>
    public ScrapeException TooLong() => new($"the answer has more than {maxBytes} bytes (max_bytes)");
}
