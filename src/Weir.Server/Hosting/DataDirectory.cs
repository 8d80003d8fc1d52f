using System.Globalization;

namespace Weir.Server.Hosting;

/// <summary>The data directory of a server: its format, its lock, and where things are below it.</summary>
/// <remarks>Layout: <c>FORMAT</c>, <c>LOCK</c>, <c>log/</c>, <c>store/</c>, <c>quarantine/</c>, <c>uploads/</c>, <c>agent/</c>, <c>identity/</c>, <c>RESERVE</c>. One process at a time.</remarks>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>What makes a directory a data directory: the file that names its format.</summary>
    public const string FormatFile = "FORMAT";

    private const string FormatName = "weir-data";
    private const int FormatVersion = 1;

    private readonly FileStream _lock;

    private DataDirectory(string root, FileStream held)
    {
        Root = root;
        _lock = held;
    }

    /// <summary>Absolute path.</summary>
    public string Root { get; }

    /// <summary>The log.</summary>
    public string Log => Path.Combine(Root, "log");

    /// <summary>Manifests of the frame store.</summary>
    public string Store => Path.Combine(Root, "store");

    /// <summary>Quarantine logs.</summary>
    public string Quarantine => Path.Combine(Root, "quarantine");

    /// <summary>Whole files that agents upload.</summary>
    public string Uploads => Path.Combine(Root, "uploads");

    /// <summary>The local agent's data.</summary>
    public string Agent => Path.Combine(Root, "agent");

    /// <summary>Authorities, join tokens and agents. Commands work on it while a server runs.</summary>
    public string Identity => IdentityOf(Root);

    /// <summary>The identity below a data directory.</summary>
    public static string IdentityOf(string root) => Path.Combine(root, "identity");

    /// <summary>Opens the directory for this process alone.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="create">Whether it may be made anew; else it must exist.</param>
    /// <exception cref="StartupException">It cannot be used; the message says why and what to do.</exception>
    public static DataDirectory Open(string path, bool create)
    {
        string root = Path.GetFullPath(path);
        if (!create && !File.Exists(Path.Combine(root, FormatFile)))
            throw Problem($"{root} is not a data directory of weir (it has no FORMAT file): pass the directory that 'weir up --data' used");
        try
        {
            if (!File.Exists(Path.Combine(root, FormatFile)) && IsForeign(root)) throw Problem($"{root} holds other files and no FORMAT of weir: pass an empty directory, or one that does not exist, with --data");
            CreateOwnerOnly(root);
            var held = new FileStream(Path.Combine(root, "LOCK"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                CheckFormat(root);
                return new DataDirectory(root, held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw Problem($"{root} is not writable: give this user write access, or pass another directory with --data");
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw Problem($"{root} is in use by another weir: stop that one, or pass another directory with --data");
        }
        catch (IOException e)
        {
            throw Problem($"{root} cannot be used: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static void CreateOwnerOnly(string root)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(root);
        else Directory.CreateDirectory(root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // What a start that was cut off leaves behind is ours.
    private static bool IsForeign(string root) =>
        Directory.Exists(root) && Directory.EnumerateFileSystemEntries(root).Select(Path.GetFileName).Any(static name => name is not ("LOCK" or "FORMAT.new" or "lost+found"));

    private static void CheckFormat(string root)
    {
        string path = Path.Combine(root, FormatFile);
        if (!File.Exists(path))
        {
            string draft = path + ".new";
            using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{FormatName} {FormatVersion}\n")));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
            return;
        }

        string[] words = File.ReadLines(path).FirstOrDefault("").Split(' ');
        if (words.Length != 2 || words[0] != FormatName || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int version))
            throw Problem($"{path} does not name a format of weir: pass the data directory of a weir, or an empty one");
        if (version > FormatVersion)
            throw Problem($"{root} has format {version}, this program knows up to {FormatVersion}: run the newer version that wrote it");
    }

    // Linux: EAGAIN / EWOULDBLOCK from flock; Windows: ERROR_SHARING_VIOLATION.
    private static bool IsSharingViolation(IOException e) =>
        (e.HResult & 0xFFFF) is 11 or 32 or 33 || e.Message.Contains("being used by another process", StringComparison.Ordinal);

    private static StartupException Problem(string problem) => new([problem], ExitCode.Environment);
}
