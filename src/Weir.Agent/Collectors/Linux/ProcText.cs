using System.Buffers.Text;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Walks the words and numbers of a /proc text without allocating.</summary>
/// <remarks>What is not there reads as empty or zero, since kernels append fields and leave some out; who needs a number asks <see cref="IsMalformed"/>.</remarks>
internal ref struct ProcText(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Takes the next line; false at the end.</summary>
    public bool TryLine(out ProcText line)
    {
        if (_rest.IsEmpty)
        {
            line = default;
            return false;
        }

        int end = _rest.IndexOf((byte)'\n');
        line = new ProcText(end < 0 ? _rest : _rest[..end]);
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return true;
    }

    /// <summary>What has not been taken.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes the next word; empty at the end.</summary>
    public ReadOnlySpan<byte> Word()
    {
        _rest = _rest.TrimStart(" \t"u8);
        int end = _rest.IndexOfAny((byte)' ', (byte)'\t');
        ReadOnlySpan<byte> word = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[end..];
        return word;
    }

    /// <summary>Takes what stands before a separator, which may not be a blank.</summary>
    public ReadOnlySpan<byte> Until(byte separator)
    {
        _rest = _rest.TrimStart(" \t"u8);
        int end = _rest.IndexOf(separator);
        ReadOnlySpan<byte> word = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return word;
    }

    /// <summary>Whether a number was asked for where none stood: a cut line, a sign, a text.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Takes the next word as a whole number; zero, and <see cref="IsMalformed"/>, where it is none.</summary>
    public ulong Number()
    {
        ReadOnlySpan<byte> word = Word();
        if (Utf8Parser.TryParse(word, out ulong value, out int used) && used == word.Length) return value;
        IsMalformed = true;
        return 0;
    }

    /// <summary>Takes the next word as a whole number with or without a minus; zero, and <see cref="IsMalformed"/>, where it is none.</summary>
    public long Signed()
    {
        ReadOnlySpan<byte> word = Word();
        if (Utf8Parser.TryParse(word, out long value, out int used) && used == word.Length) return value;
        IsMalformed = true;
        return 0;
    }

    /// <summary>Takes the next word as a decimal number; zero, and <see cref="IsMalformed"/>, where it is none.</summary>
    public double Decimal()
    {
        ReadOnlySpan<byte> word = Word();
        if (Utf8Parser.TryParse(word, out double value, out int used) && used == word.Length && double.IsFinite(value)) return value;
        IsMalformed = true;
        return 0;
    }

    /// <summary>Takes the next word as a hexadecimal number without prefix; zero, and <see cref="IsMalformed"/>, where it is none.</summary>
    public ulong Hexadecimal()
    {
        ReadOnlySpan<byte> word = Word();
        if (Utf8Parser.TryParse(word, out ulong value, out int used, 'x') && used == word.Length) return value;
        IsMalformed = true;
        return 0;
    }

    /// <summary>Passes over words.</summary>
    public void Skip(int words)
    {
        for (int i = 0; i < words; i++) Word();
    }
}
