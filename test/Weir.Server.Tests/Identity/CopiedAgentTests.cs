using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.TestKit.FileSystem;

namespace Weir.Server.Tests.Identity;

/// <summary>Agents that have taken a new id, with the key and certificate of the one before, against a real enrolment listener.</summary>
public sealed class CopiedAgentTests : IAsyncLifetime
{
    private const string Data = "/agent";
    private static readonly AgentId Original = new(7, 1);
    private static readonly AgentId Copy = new(7, 2);
    private static readonly AgentId Second = new(7, 3);

    private readonly string _work = Directory.CreateTempSubdirectory("weir-copied-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-06-01T12:00:00Z", CultureInfo.InvariantCulture));
    private readonly CrashFileSystem _files = NewDisk();
    private EnrollmentListener _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Folder => AgentIdentity.FolderOf(Data);

    public async ValueTask InitializeAsync()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("on Windows keys are the machine's, and no files that a test may keep in memory");
        _server = await EnrollmentListener.StartAsync(Path.Combine(_work, "identity"), _time);
        using AgentIdentity original = Open(_files, new AgentState(Original, 1, 0), Token());
        await original.JoinAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task Copy_WithoutAToken_GetsAKeyAndACertificateOfItsOwn_ThatNameTheIdBefore()
    {
        using AgentIdentity copy = Open(_files, Renamed(Copy, Original));
        // What it was copied with is another's: it neither connects nor speaks for anybody with it.
        Assert.Null(copy.Credentials);
        Assert.False(copy.SpeaksFor(Original) || copy.SpeaksFor(Copy));
        Task connecting = copy.TlsAsync(Cancellation);
        Assert.False(connecting.IsCompleted);
        byte[] before = _files.Read(Path.Combine(Folder, "key"));
        await RunUntilAsync(copy, () => copy.Credentials is not null);
        await connecting;
        Assert.Equal((Copy, "default"), (copy.Credentials!.Agent, copy.Credentials.Tenant));
        Assert.Equal([Original], copy.Credentials.Former);
        Assert.True(copy.SpeaksFor(Original) && copy.SpeaksFor(Copy) && !copy.SpeaksFor(Second));
        Assert.NotEqual(before, _files.Read(Path.Combine(Folder, "key")));
        Assert.Equal(["credentials", "key"], _files.ListFiles(Folder).Order(StringComparer.Ordinal));
        Assert.Equal(Original, InfoOf(Copy).From);
        using AgentIdentity restarted = Open(_files, Renamed(Copy, Original));
        Assert.Equal(copy.Credentials.Certificate.SerialNumber, restarted.Credentials!.Certificate.SerialNumber);
    }

    [Fact]
    public async Task Agent_ThatTakesANewIdWhileItRuns_ConnectsWithACertificateOfThatOne()
    {
        var state = new AgentState(Original, 1, 0);
        using AgentIdentity agent = Open(_files, () => state);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task running = agent.RunAsync(stop.Token);
        await agent.TlsAsync(Cancellation);
        state = Renamed(Copy, Original);
        Assert.Null(agent.Credentials);
        await UntilAsync(agent.TlsAsync(Cancellation));
        Assert.Equal(Copy, agent.Credentials!.Agent);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Copy_ThatWasCopiedBeforeItHadACertificate_NamesTheIdInBetweenToo()
    {
        // It asked once; the answer was lost with its connection.
        using (AgentIdentity copy = Open(_files, Renamed(Copy, Original)))
        {
            _files.CrashAtStep = _files.Steps + 6;
            await RunUntilAsync(copy, () => _files.HasStopped);
        }

        Assert.Equal(Original, InfoOf(Copy).From);
        _files.Kill();
        using AgentIdentity second = Open(_files, Renamed(Second, Original, Copy));
        await RunUntilAsync(second, () => second.Credentials is not null);
        Assert.Equal([Original, Copy], second.Credentials!.Former);
    }

    [Fact]
    public async Task Copy_WhoseIdInBetweenAnotherMachineHasTaken_IsSplitFromTheIdBefore()
    {
        CrashFileSystem other = Image();
        using (AgentIdentity copy = Open(other, Renamed(Copy, Original))) await RunUntilAsync(copy, () => copy.Credentials is not null);
        using AgentIdentity second = Open(_files, Renamed(Second, Original, Copy));
        await RunUntilAsync(second, () => second.Credentials is not null);
        Assert.Equal([Original], second.Credentials!.Former);
    }

    [Fact]
    public async Task Copy_WhoseIdACopyOfItHasTaken_TakesANewOne_AndIsSplitFromTheIdBefore()
    {
        // The copy's copy has drawn its own id before either has asked for anything, and comes first.
        using (AgentIdentity second = Open(Image(), Renamed(Second, Original, Copy)))
        {
            await RunUntilAsync(second, () => second.Credentials is not null);
            Assert.Equal([Original, Copy], second.Credentials!.Former);
        }

        AgentState state = Renamed(Copy, Original);
        int taken = 0;
        using AgentIdentity copy = Open(_files, () => state, takeNewId: _ =>
        {
            taken++;
            state = state.Renamed()!;
            return ValueTask.FromResult(true);
        });
        await RunUntilAsync(copy, () => copy.Credentials is not null);
        Assert.Equal(1, taken);
        Assert.Equal((state.AgentId, Original), (copy.Credentials!.Agent, Assert.Single(copy.Credentials.Former)));
        // What it spooled under the id that the other has is not its to send.
        Assert.False(copy.SpeaksFor(Copy));
        Assert.True(copy.SpeaksFor(Original));
    }

    [Fact]
    public async Task Copy_WhoseIdACopyOfItHasTaken_AndThatHasHadTooMany_KeepsItsId_AndGoesOnAsking()
    {
        using (AgentIdentity second = Open(Image(), Renamed(Second, Original, Copy))) await RunUntilAsync(second, () => second.Credentials is not null);
        int asked = 0;
        using AgentIdentity copy = Open(_files, static () => Renamed(Copy, Original), takeNewId: _ =>
        {
            asked++;
            return ValueTask.FromResult(false);
        });
        await RunUntilAsync(copy, () => asked >= 3);
        Assert.Null(copy.Credentials);
    }

    [Fact]
    public async Task Copy_ThatComesTooLate_JoinsWithAToken_WhereItHasOne()
    {
        _time.Advance(TimeSpan.FromDays(32));
        using AgentIdentity copy = Open(_files, Renamed(Copy, Original), Token());
        await RunUntilAsync(copy, () => copy.Credentials is not null);
        Assert.Empty(copy.Credentials!.Former);
        // Nobody can prove the id before any more: what was spooled under it stays where it is.
        Assert.False(copy.SpeaksFor(Original));
        Assert.NotEqual(InfoOf(Original).Key, InfoOf(Copy).Key);
    }

    [Fact]
    public async Task Copy_KilledBetweenAnyTwoSteps_IsOneAgentWithOneKey()
    {
        int step = 0;
        for (bool isOver = false; !isOver;)
        {
            CrashFileSystem files = Image();
            var id = new AgentId(8, (ulong)++step);
            files.CrashAtStep = files.Steps + step;
            using (AgentIdentity copy = Open(files, Renamed(id, Original))) await RunUntilAsync(copy, () => copy.Credentials is not null || files.HasStopped);
            isOver = !files.HasStopped;
            files.Crash(new Random(step));
            using AgentIdentity again = Open(files, Renamed(id, Original));
            await RunUntilAsync(again, () => again.Credentials is not null);
            Assert.Equal((id, Original), (again.Credentials!.Agent, Assert.Single(again.Credentials.Former)));
            Assert.Equal(InfoOf(id).Key, Convert.ToHexStringLower(SHA256.HashData(again.Credentials.Certificate.PublicKey.ExportSubjectPublicKeyInfo())));
        }

        Assert.True(step > 10, $"only {step} steps were cut");
        Assert.Equal(1 + step, _server.Identity.Directory.Agents().Count());
    }

    private static AgentState Renamed(AgentId id, params AgentId[] former) =>
        new AgentState(id, (uint)former.Length + 1, 0) with { Former = [.. former.Select(static (each, i) => new FormerId(each, (uint)i + 1))] };

    private static CrashFileSystem NewDisk()
    {
        var files = new CrashFileSystem();
        files.CreateDirectory("/");
        files.CreateDirectory(Data);
        files.CreateDirectory(Folder);
        return files;
    }

    // Another machine's disk with the identity that the original has.
    private CrashFileSystem Image()
    {
        CrashFileSystem files = NewDisk();
        foreach (string file in _files.ListFiles(Folder)) files.Replace(Folder, file, _files.Read(Path.Combine(Folder, file)));
        return files;
    }

    private JoinToken Token() => _server.Identity.Directory.CreateToken("default", 1, TimeSpan.FromHours(24), "");

    private AgentInfo InfoOf(AgentId agent) => _server.Identity.Directory.Agents().Single(each => each.Agent == agent);

    private AgentIdentity Open(IFileSystem files, AgentState state, JoinToken? token = null) => Open(files, () => state, token);

    private AgentIdentity Open(IFileSystem files, Func<AgentState> state, JoinToken? token = null, Func<CancellationToken, ValueTask<bool>>? takeNewId = null) => AgentIdentity.Open(
        new AgentConfig { DataDirectory = Data, EnrollAddress = _server.Address, JoinToken = token }, files, state, _time, NullLoggerFactory.Instance, takeNewId)!;

    private async Task RunUntilAsync(AgentIdentity identity, Func<bool> isSo)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task running = identity.RunAsync(stop.Token);
        await ClockedWait.UntilAsync(_time, isSo, Cancellation);
        await stop.CancelAsync();
        await running;
    }

    private Task UntilAsync(Task task) => ClockedWait.UntilAsync(_time, () => task.IsCompleted, Cancellation);
}
