using System.Globalization;
using System.Text;
using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>The file <c>FORMAT</c> of a data directory: one line, <c>weir-agent-data 1</c>.</summary>
/// <remarks>The number covers the layout of the directory; state file, acks and spool carry versions of their own.</remarks>
internal static class DataFormatFile
{
    /// <summary>Name of the file.</summary>
    public const string Name = "FORMAT";

    private const string Kind = "weir-agent-data";
    private const int Version = 1;
    private const int MaxBytes = 64;

    /// <summary>Refuses a directory of a newer layout or of something else. Changes nothing.</summary>
    /// <exception cref="AgentDataException">It is one of these.</exception>
    public static void Check(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, Name);
        if (!files.DirectoryExists(directory) || !files.FileExists(path)) return;
        Span<byte> bytes = stackalloc byte[MaxBytes];
        using IFile file = files.Open(path, write: false);
        string[] words = Encoding.ASCII.GetString(bytes[..file.Read(0, bytes)]).TrimEnd('\n').Split(' ');
        if (words is not [Kind, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version))
            throw new AgentDataException(AgentDataError.Foreign, path, $"{directory} is not the data directory of an agent: name another directory with --data");
        if (version > Version)
        {
            throw new AgentDataException(
                AgentDataError.NewerFormat, path, $"{directory} has data format {version}, this program knows up to {Version}: run the newer version that wrote it");
        }
    }

    /// <summary>Writes the file where there is none. The caller holds the directory's lock.</summary>
    public static void Ensure(IFileSystem files, string directory)
    {
        if (files.FileExists(Path.Combine(directory, Name))) return;
        files.Replace(directory, Name, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Kind} {Version}\n")));
    }
}
