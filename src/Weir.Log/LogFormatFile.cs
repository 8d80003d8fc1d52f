using System.Globalization;
using System.Text;

namespace Weir.Log;

/// <summary>The file <c>FORMAT</c> of a log directory: says that this is a log, and of which version.</summary>
internal static class LogFormatFile
{
    private const string Name = "FORMAT";
    private const string Kind = "weir-log";
    private const int Version = 1;
    private const int MaxBytes = 64;

    /// <summary>Whether there is one.</summary>
    public static bool Exists(IFileSystem files, string directory) => files.FileExists(Path.Combine(directory, Name));

    /// <summary>Checks the file, or writes it into a new log.</summary>
    public static void Check(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, Name);
        if (files.FileExists(path)) Read(files, directory, path);
        else Write(files, directory, path);
    }

    private static void Read(IFileSystem files, string directory, string path)
    {
        Span<byte> bytes = stackalloc byte[MaxBytes];
        using IFile file = files.Open(path, write: false);
        string[] words = Encoding.ASCII.GetString(bytes[..file.Read(0, bytes)]).TrimEnd('\n').Split(' ');
        if (words.Length != 2 || words[0] != Kind || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int version))
            throw new LogException(LogError.NotALog, directory, $"{path} does not name a log of weir: use another directory");
        if (version > Version)
            throw new LogException(LogError.NewerFormat, directory, $"{directory} has log format {version}, this program knows up to {Version}: run the newer version that wrote it");
    }

    private static void Write(IFileSystem files, string directory, string path)
    {
        if (files.ListFiles(directory).Any(static name => Segment.TryParseName(name, out _)))
            throw new LogException(LogError.NotALog, directory, $"{directory} holds segments but no {Name} file: restore it from a copy");
        files.Replace(directory, Name, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Kind} {Version}\n")));
    }
}
