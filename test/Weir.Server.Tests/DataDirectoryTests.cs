using Weir.Server.Hosting;

namespace Weir.Server.Tests;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-data-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private static string Problem(string path, bool create = true)
    {
        StartupException error = Assert.Throws<StartupException>(() => DataDirectory.Open(path, create));
        Assert.Equal(ExitCode.Environment, error.ExitCode);
        return Assert.Single(error.Problems);
    }

    [Fact]
    public void Open_NewDirectory_IsOursAlone()
    {
        string path = Path.Combine(_work, "a", "b");
        using DataDirectory held = DataDirectory.Open(path, create: true);
        Assert.Contains("is in use by another weir", Problem(path), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Open_AgainAfterClosing_Works()
    {
        DataDirectory.Open(_work, create: true).Dispose();
        DataDirectory.Open(_work, create: false).Dispose();
    }

    [Fact]
    public void Open_NewerOrForeignFormat_IsRefused()
    {
        File.WriteAllText(Path.Combine(_work, "FORMAT"), "weir-data 2\n");
        Assert.Contains("format 2", Problem(_work), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_work, "FORMAT"), "a diary\n");
        Assert.Contains("does not name a format of weir", Problem(_work), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_work, "FORMAT"), "weir-data 1\n");
        DataDirectory.Open(_work, create: true).Dispose();
    }

    [Fact]
    public void Open_DirectoryWithOtherFiles_IsRefused_AndOneThatAStartLeftHalfMadeIsNot()
    {
        File.WriteAllText(Path.Combine(_work, "LOCK"), "");
        File.WriteAllText(Path.Combine(_work, "FORMAT.new"), "weir");
        DataDirectory.Open(_work, create: true).Dispose();
        File.Delete(Path.Combine(_work, "FORMAT"));
        File.WriteAllText(Path.Combine(_work, "diary.txt"), "");
        Assert.Contains("holds other files", Problem(_work, create: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_SomethingElse_IsNotTakenForAStore() => Assert.Contains("no FORMAT file", Problem(_work, create: false), StringComparison.Ordinal);

    [Fact]
    public void Open_PathBelowAFile_IsRefused()
    {
        string file = Path.Combine(_work, "file");
        File.WriteAllText(file, "");
        Assert.StartsWith(Path.Combine(file, "data"), Problem(Path.Combine(file, "data")), StringComparison.Ordinal);
    }
}
