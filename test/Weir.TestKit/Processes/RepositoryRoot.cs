namespace Weir.TestKit.Processes;

/// <summary>Finds files of the repository from wherever a test or benchmark was built to.</summary>
public static class RepositoryRoot
{
    /// <summary>The folder that holds <c>Weir.slnx</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">The program does not run from inside the repository.</exception>
    public static string Path { get; } = Find();

    /// <summary>A path inside the repository.</summary>
    public static string Combine(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(System.IO.Path.Combine(at.FullName, "Weir.slnx"))) return at.FullName;
        throw new DirectoryNotFoundException($"no Weir.slnx above {AppContext.BaseDirectory}: run from inside the repository");
    }
}
