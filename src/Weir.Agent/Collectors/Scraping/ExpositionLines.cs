namespace Weir.Agent.Collectors.Scraping;

/// <summary>Walks the lines of an answer without allocating. Blank lines, <c># HELP</c> and other comments are passed over.</summary>
internal ref struct ExpositionLines(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Number of the line taken last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>What follows the line taken last.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes the next line that means something; false at the end.</summary>
    public bool TryNext(out ExpositionLineKind kind, out ReadOnlySpan<byte> line)
    {
        while (!_rest.IsEmpty)
        {
            int end = _rest.IndexOf((byte)'\n');
            line = (end < 0 ? _rest : _rest[..end]).Trim(" \t\r"u8);
            _rest = end < 0 ? default : _rest[(end + 1)..];
            Number++;
            if (line.IsEmpty) continue;
            kind = ExpositionLineKind.Sample;
            if (line[0] != '#' || TryComment(line, out kind)) return true;
        }

        kind = ExpositionLineKind.Sample;
        line = default;
        return false;
    }

    private static bool TryComment(ReadOnlySpan<byte> line, out ExpositionLineKind kind)
    {
        ReadOnlySpan<byte> words = line[1..].TrimStart(" \t"u8);
        kind = words.SequenceEqual("EOF"u8) ? ExpositionLineKind.End : ExpositionLineKind.Metadata;
        return kind == ExpositionLineKind.End || IsWord(words, "TYPE"u8) || IsWord(words, "UNIT"u8);
    }

    private static bool IsWord(ReadOnlySpan<byte> words, ReadOnlySpan<byte> word) =>
        words.Length > word.Length && words.StartsWith(word) && words[word.Length] is (byte)' ' or (byte)'\t';
}
