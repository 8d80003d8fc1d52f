using System.Globalization;
using Weir.Log;
using Weir.Server.Hosting;

namespace Weir.Server.Querying;

/// <summary>One partition of the embedded log, opened for reading beside whoever uses it.</summary>
/// <param name="Name">Its class and number, as in <c>live/0</c>.</param>
/// <param name="Log">Its log.</param>
internal sealed record LogPartitionView(string Name, SegmentLog Log)
{
    /// <summary>Opens all partitions of a data directory; none is locked.</summary>
    /// <exception cref="StartupException">It is no data directory, or of a newer version.</exception>
    public static IReadOnlyList<LogPartitionView> OpenAll(string dataDirectory)
    {
        string root = Path.GetFullPath(dataDirectory);
        var files = new PhysicalFileSystem();
        if (!files.DirectoryExists(root) || !files.FileExists(Path.Combine(root, DataDirectory.FormatFile)))
            throw new StartupException([$"{root} is not a data directory of weir (it has no FORMAT file): pass the directory that 'weir up --data' used"], ExitCode.Environment);
        var views = new List<LogPartitionView>();
        try
        {
            foreach (string logClass in (string[])["live", "backfill"])
            {
                for (int i = 0; ; i++)
                {
                    string name = string.Create(CultureInfo.InvariantCulture, $"{logClass}/{i}"), directory = Path.Combine(root, "log", name);
                    if (!files.DirectoryExists(directory)) break;
                    views.Add(new LogPartitionView(name, SegmentLog.OpenReadOnly(files, directory, new SegmentLogOptions())));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException([e.Message], ExitCode.Environment);
        }

        return views;
    }
}
