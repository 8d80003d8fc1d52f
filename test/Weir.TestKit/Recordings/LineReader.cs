using System.Text;

namespace Weir.TestKit.Recordings;

/// <summary>Reads lines and tells whether the last one was ended, which <see cref="StreamReader"/> does not.</summary>
/// <remarks>A stream that breaks off (a cut zstd file) ends the text; <see cref="Broken"/> says so. Not thread-safe; does not own the stream.</remarks>
internal sealed class LineReader(Stream stream)
{
    private const int MaxLineBytes = 1 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Whether the stream broke off before its end.</summary>
    public bool Broken { get; private set; }

    /// <summary>Number of the line read last, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="terminated">Whether a newline ended it.</param>
    /// <exception cref="InvalidDataException">The line has more than 1 MiB.</exception>
    public bool TryRead(out string line, out bool terminated)
    {
        int searched = _start;
        int newline;
        while ((newline = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n')) < 0 && !_ended)
        {
            int unread = _end - _start;
            Fill();
            searched = _start + unread;
        }

        terminated = newline >= 0;
        int lineEnd = terminated ? searched + newline : _end;
        line = Encoding.UTF8.GetString(_buffer, _start, lineEnd - _start);
        bool any = terminated || lineEnd > _start;
        _start = terminated ? lineEnd + 1 : lineEnd;
        if (any) LineNumber++;
        return any;
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length)
        {
            if (_end >= MaxLineBytes) throw new InvalidDataException($"line {LineNumber + 1} has more than {MaxLineBytes} bytes");
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = 0;
        try
        {
            read = stream.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (EndOfStreamException)
        {
            Broken = true;
        }

        _end += read;
        _ended = read == 0;
    }
}
