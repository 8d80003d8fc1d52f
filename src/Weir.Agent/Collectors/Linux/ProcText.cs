using System.Buffers.Text;

namespace Weir.Agent.Collectors.Linux;

/// <summary>Walks the words and numbers of a /proc text without allocating.</summary>
/// <remarks>Forgiving: what is not there reads as empty or zero, since kernels append fields and leave some out.</remarks>
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

    /// <summary>Takes the next word as a whole number; zero where it is none.</summary>
    public ulong Number() => Utf8Parser.TryParse(Word(), out ulong value, out _) ? value : 0;

    /// <summary>Takes the next word as a decimal number; zero where it is none.</summary>
    public double Decimal() => Utf8Parser.TryParse(Word(), out double value, out _) ? value : 0;

    /// <summary>Passes over words.</summary>
    public void Skip(int words)
    {
        for (int i = 0; i < words; i++) Word();
    }
}
