using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Agent.Identity;

/// <summary>What tells one machine from a copy of it, hashed: of the installed system, and of the hardware or virtual machine.</summary>
/// <param name="Os">Of the system's id; null where it could not be read.</param>
/// <param name="Board">Of the board's id, which often only root may read; null where it could not be read.</param>
internal readonly record struct MachineMark(ulong? Os, ulong? Board)
{
    private const string None = "-";

    /// <summary>Hashes what could be read; nothing of it can be told from the hash.</summary>
    public static MachineMark Of(string? system, string? board) => new(Hash(system), Hash(board));

    /// <summary>Reads the two words of <see cref="ToString"/>.</summary>
    public static bool TryParse(string system, string board, out MachineMark mark)
    {
        bool parsed = TryParse(system, out ulong? first) & TryParse(board, out ulong? second);
        mark = new MachineMark(first, second);
        return parsed;
    }

    /// <summary>Whether this is certainly another machine: something that both know differs.</summary>
    public bool DiffersFrom(MachineMark other) => Differ(Os, other.Os) || Differ(Board, other.Board);

    /// <summary>What is known now, and of the rest what was known before.</summary>
    public MachineMark Or(MachineMark before) => new(Os ?? before.Os, Board ?? before.Board);

    /// <inheritdoc/>
    public override string ToString() => $"{Word(Os)} {Word(Board)}";

    private static bool Differ(ulong? one, ulong? other) => one is not null && other is not null && one != other;

    private static string Word(ulong? value) => value?.ToString("x16", CultureInfo.InvariantCulture) ?? None;

    private static ulong? Hash(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        return BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes("weir machine " + text.Trim().ToLowerInvariant())));
    }

    private static bool TryParse(string word, out ulong? value)
    {
        bool parsed = ulong.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number);
        value = parsed ? number : null;
        return word == None || (parsed && word.Length == 16);
    }
}
