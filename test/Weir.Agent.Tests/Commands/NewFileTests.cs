using System.Text;
using Weir.Agent.Commands;

namespace Weir.Agent.Tests.Commands;

public sealed class NewFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-new-").FullName;

    private string FilePath => Path.Combine(_directory, "file");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task WriteAsync_ThatFails_LeavesNothingInTheWayOfTheNext()
    {
        await Assert.ThrowsAsync<IOException>(() => NewFile.WriteAsync(FilePath, static async file =>
        {
            await file.WriteAsync("half"u8.ToArray(), TestContext.Current.CancellationToken);
            throw new IOException("full");
        }));
        Assert.False(File.Exists(FilePath));
        await NewFile.WriteAsync(FilePath, static file => file.WriteAsync("whole"u8.ToArray(), TestContext.Current.CancellationToken).AsTask());
        Assert.Equal("whole", await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task WriteAsync_WhereAFileIs_LeavesItAsItIs()
    {
        await File.WriteAllTextAsync(FilePath, "theirs", Encoding.UTF8, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<IOException>(() => NewFile.WriteAsync(FilePath, static _ => Task.CompletedTask));
        Assert.Equal("theirs", await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken));
    }
}
