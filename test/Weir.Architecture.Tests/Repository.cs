namespace Weir.Architecture.Tests;

/// <summary>The files of the repository, as a clone would have them: what builds, packages and runs leave behind is not looked at.</summary>
internal static class Repository
{
    private static readonly string[] LeftBehind =
        [".git", "bin", "obj", "artifacts", "node_modules", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea", "data", "weir-agent-data", "src/Weir.Console/wwwroot/lib"];

    // data at the root is the store of `weir up`; test/data is ours.
    private static readonly string[] AtTheRootOnly = ["artifacts", "data", "weir-agent-data"];

    /// <summary>The folder that holds <c>Weir.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file, as a path from the root with forward slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(new DirectoryInfo(Root), "").Order(StringComparer.Ordinal)];

    /// <summary>The files below some folders with some endings.</summary>
    public static IEnumerable<string> FilesOf(string[] folders, params string[] endings) =>
        Files.Where(file => folders.Any(folder => file.StartsWith(folder + "/", StringComparison.Ordinal)) && endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>The absolute path of a file.</summary>
    public static string Absolute(string file) => Path.Combine(Root, file);

    /// <summary>The text of a file.</summary>
    public static string Read(string file) => File.ReadAllText(Absolute(file));

    /// <summary>The lines of a file.</summary>
    public static string[] Lines(string file) => File.ReadAllLines(Absolute(file));

    /// <summary>Whether a file holds text; what has a zero byte near its beginning does not.</summary>
    public static bool IsText(string file)
    {
        using FileStream stream = File.OpenRead(Absolute(file));
        Span<byte> head = stackalloc byte[4096];
        return !head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)].Contains((byte)0);
    }

    private static IEnumerable<string> Walk(DirectoryInfo folder, string path)
    {
        foreach (FileInfo file in folder.EnumerateFiles())
            if (file.Name != ".git") yield return path + file.Name; // a file where the clone is a work tree of another
        foreach (DirectoryInfo child in folder.EnumerateDirectories())
        {
            if (child.LinkTarget is not null || IsLeftBehind(path, child.Name)) continue;
            foreach (string file in Walk(child, $"{path}{child.Name}/")) yield return file;
        }
    }

    private static bool IsLeftBehind(string path, string name) =>
        LeftBehind.Contains(path + name) || (LeftBehind.Contains(name) && (path.Length == 0 || !AtTheRootOnly.Contains(name)));

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Weir.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException($"no Weir.slnx above {AppContext.BaseDirectory}: run from inside the repository");
    }
}
