using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Agent.Tests.Spooling;
using Weir.Log;

namespace Weir.Agent.Tests.Identity;

/// <summary>Opening a data directory on a real disk.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("weir-agent-test-").FullName;

    private string Data => Path.Combine(_root, "data");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Open_FirstTime_LaysOutTheDirectoryForItsOwnerOnly()
    {
        AgentStore store = await OpenAsync();
        await store.DisposeAsync();

        Assert.Equal("weir-agent-data 1\n", await File.ReadAllTextAsync(Path.Combine(Data, "FORMAT"), TestContext.Current.CancellationToken));
        Assert.Equal(["FORMAT", "RESERVE", "acks", "agent"], Directory.GetFiles(Data).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["spool"], Directory.GetDirectories(Data).Select(Path.GetFileName));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Data, "agent")));
    }

    [Fact]
    public async Task Open_Again_IsTheSameAgent()
    {
        AgentStore first = await OpenAsync();
        AgentId agent = first.AgentId;
        await first.DisposeAsync();

        AgentStore second = await OpenAsync();

        Assert.Equal(agent, second.AgentId);
        Assert.Equal([1U, 2], second.OpenEpochs.Select(static epoch => epoch.StartNumber));
        await second.DisposeAsync();
    }

    [Fact]
    public async Task Open_ForACommand_OnACopyThatHasNotRunYet_TakesANewId_ThatItKeepsWhenItStarts()
    {
        var files = new PhysicalFileSystem();
        MachineMark here = MachineMark.Of("one", "board-1"), there = MachineMark.Of("two", "board-2");
        AgentStore original = await OpenAsync(here);
        AgentId agent = original.AgentId;
        await original.DisposeAsync();
        using (AgentDirectory same = AgentDirectory.Open(files, Data, here)) Assert.Equal(agent, same.State.AgentId);

        AgentState taken;
        using (AgentDirectory copy = AgentDirectory.Open(files, Data, there)) taken = copy.State;
        Assert.NotEqual(agent, taken.AgentId);
        using (AgentDirectory again = AgentDirectory.Open(files, Data, there)) Assert.Equal(taken.AgentId, again.State.AgentId);

        AgentStore store = await OpenAsync(there);
        Assert.Equal(taken.AgentId, store.AgentId);
        Assert.Equal([agent, taken.AgentId], store.OpenEpochs.Select(epoch => store.IdOf(epoch.StartNumber)));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task Open_InUse_Refuses()
    {
        AgentStore first = await OpenAsync();

        AgentDataException error = await Assert.ThrowsAsync<AgentDataException>(OpenAsync);

        Assert.Equal((AgentDataError.InUse, Data), (error.Error, error.Path));
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
        await first.DisposeAsync();
    }

    [Theory]
    [InlineData("weir-agent-data 2\n", AgentDataError.NewerFormat)]
    [InlineData("weir-log 1\n", AgentDataError.Foreign)]
    [InlineData("", AgentDataError.Foreign)]
    public async Task Open_OtherFormat_RefusesAndChangesNothing(string format, AgentDataError expected)
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "FORMAT"), format, TestContext.Current.CancellationToken);

        AgentDataException error = await Assert.ThrowsAsync<AgentDataException>(OpenAsync);

        Assert.Equal(expected, error.Error);
        Assert.Equal(["FORMAT"], Directory.GetFileSystemEntries(Data).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Open_SpoolOfANewerFormat_Refuses()
    {
        await (await OpenAsync()).DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(Data, "spool", "FORMAT"), "weir-log 99\n", TestContext.Current.CancellationToken);

        AgentDataException error = await Assert.ThrowsAsync<AgentDataException>(OpenAsync);

        Assert.Equal(AgentDataError.NewerFormat, error.Error);
    }

    [Fact]
    public async Task Open_StateMissingBesideASpool_RefusesRatherThanTakeAnotherName()
    {
        await (await OpenAsync()).DisposeAsync();
        File.Delete(Path.Combine(Data, "agent"));

        AgentDataException error = await Assert.ThrowsAsync<AgentDataException>(OpenAsync);

        Assert.Equal(AgentDataError.Damaged, error.Error);
        // Nothing is held: a restored copy opens.
        Assert.False(File.Exists(Path.Combine(Data, "agent")));
        await Assert.ThrowsAsync<AgentDataException>(OpenAsync);
    }

    [Fact]
    public async Task Open_AFileInItsPlace_IsNotWritable()
    {
        await File.WriteAllTextAsync(Data, "", TestContext.Current.CancellationToken);

        AgentDataException error = await Assert.ThrowsAsync<AgentDataException>(OpenAsync);

        Assert.Equal(AgentDataError.NotWritable, error.Error);
        Assert.Contains(Data, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(UnauthorizedAccessException), AgentDataError.NotWritable)]
    [InlineData(typeof(IOException), AgentDataError.NotWritable)]
    public void From_ErrorOfTheFileSystem_IsNamed(Type cause, AgentDataError expected) =>
        Assert.Equal(expected, AgentDataException.From((Exception)Activator.CreateInstance(cause)!, Data).Error);

    [Fact]
    public void From_DiskFull_IsNamed() =>
        Assert.Equal(AgentDataError.DiskFull, AgentDataException.From(new LogException(LogError.DiskFull, Data, "full"), Data).Error);

    private Task<AgentStore> OpenAsync() => OpenAsync(default);

    private Task<AgentStore> OpenAsync(MachineMark machine) =>
        AgentStore.OpenAsync(StoreHarness.Options(Data, 16 << 20, 1 << 20) with { Machine = machine }, new PhysicalFileSystem(), TimeProvider.System, NullLoggerFactory.Instance);
}
