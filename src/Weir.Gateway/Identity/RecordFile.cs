using System.Globalization;
using System.Text;
using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>A small text file of the identity directory: <c>KIND 1</c>, lines <c>key value</c>, <c>crc HEX</c> over the lines before.</summary>
/// <remarks>Written once, in one step, owner-only; then only read or deleted.</remarks>
internal static class RecordFile
{
    private const int Version = 1;
    private const int MaxBytes = 4096;

    /// <summary>Reads a file; null where there is none.</summary>
    /// <exception cref="IdentityException">It is damaged or of a newer version.</exception>
    public static IReadOnlyDictionary<string, string>? Read(IFileSystem files, string path, string kind)
    {
        if (!files.FileExists(path)) return null;
        var bytes = new byte[MaxBytes];
        using IFile file = files.Open(path, write: false);
        string text = Encoding.UTF8.GetString(bytes, 0, file.Read(0, bytes));
        int crcAt = text.LastIndexOf("crc ", StringComparison.Ordinal);
        string[] lines = text.Split('\n');
        if (lines[0].Split(' ') is not [var named, var number] || named != kind || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version)) throw Damaged(path);
        if (version > Version) throw new IdentityException(path, $"{path} has version {version}, this program knows up to {Version}: run the newer version that wrote it");
        if (crcAt < 0 || text[crcAt..] != Crc(text[..crcAt]) + "\n") throw Damaged(path);
        return lines[1..^2].Select(static line => line.Split(' ', 2)).ToDictionary(static pair => pair[0], static pair => pair.Length == 2 ? pair[1] : "", StringComparer.Ordinal);
    }

    /// <summary>Makes a file durable.</summary>
    public static void Write(IFileSystem files, string directory, string name, string kind, params ReadOnlySpan<(string Key, string Value)> values)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{kind} {Version}\n"));
        foreach ((string key, string value) in values) text.Append(key).Append(' ').Append(value).Append('\n');
        files.Replace(directory, name, Encoding.UTF8.GetBytes(text + Crc(text.ToString()) + "\n"));
    }

    /// <summary>A value that must be there.</summary>
    /// <exception cref="IdentityException">It is not.</exception>
    public static string Need(this IReadOnlyDictionary<string, string> values, string key, string path) => values.GetValueOrDefault(key) ?? throw Damaged(path);

    /// <summary>A whole number that must be there.</summary>
    /// <exception cref="IdentityException">It is not.</exception>
    public static long NeedNumber(this IReadOnlyDictionary<string, string> values, string key, string path) =>
        long.TryParse(values.Need(key, path), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw Damaged(path);

    /// <summary>A time as it stands in these files: Unix ms.</summary>
    public static string Text(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static IdentityException Damaged(string path) => new(path, $"{path} is damaged: restore it from a copy, or delete it");

    private static string Crc(string text) => string.Create(CultureInfo.InvariantCulture, $"crc {Crc32C.Compute(Encoding.UTF8.GetBytes(text)):x8}");
}
