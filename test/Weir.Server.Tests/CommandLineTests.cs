using System.Net;
using System.Net.Sockets;
using Weir.Server.Hosting;
using Weir.TestKit.Processes;

namespace Weir.Server.Tests;

/// <summary>The built program, from outside.</summary>
public sealed class CommandLineTests : IDisposable
{
    private static readonly string Dll = Path.Combine(AppContext.BaseDirectory, "weir.dll");

    private readonly string _work = Directory.CreateTempSubdirectory("weir-cli-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        CommandResult result = await WeirProcess.RunAsync(Dll, arguments, TestContext.Current.CancellationToken);
        return (result.ExitCode, string.Join('\n', result.Output), result.Errors);
    }

    [Fact]
    public async Task Help_ListsTheCommandsAndExitCodes()
    {
        (int code, string output, _) = await RunAsync("--help");
        Assert.Equal(0, code);
        foreach (string word in (string[])["up", "query", "export", "enroll", "upload", "config", "Exit codes"]) Assert.Contains(word, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_IsPrinted() => Assert.StartsWith("0.", (await RunAsync("--version")).Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("up", "--nonsense")]
    [InlineData("query")]
    [InlineData("query", "x", "--url", "nowhere")]
    [InlineData("query", "x", "--since", "soon")]
    [InlineData("query", "x", "--since", "5m", "--from", "1")]
    [InlineData("export")]
    [InlineData("export", "--parquet", "x", "--since", "soon")]
    [InlineData("export", "--parquet", "x", "--since", "5m", "--from", "1")]
    [InlineData("export", "--parquet", "x", "--match", "sum(x)")]
    [InlineData("export", "--parquet", "x", "--match", "{")]
    [InlineData("up", "--http", "7480")]
    [InlineData("up", "--http", "0.0.0.0:0")]
    [InlineData("up", "--enroll", "7401")]
    [InlineData("enroll", "token", "revoke")]
    [InlineData("config", "check", "missing.yaml")]
    public async Task WrongUsage_ExitsWith2(params string[] arguments)
    {
        (int code, _, string errors) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.NotEmpty(errors);
    }

    [Fact]
    public async Task Export_OfADirectoryInUse_ExitsWith3AndMakesNothing()
    {
        string data = Path.Combine(_work, "data"), target = Path.Combine(_work, "export");
        using (DataDirectory.Open(data, create: true))
        {
            (int code, string output, string errors) = await RunAsync("export", "--parquet", target, "--data", data);
            Assert.Equal(3, code);
            Assert.Empty(output);
            Assert.Contains($"{data} is in use by another weir: stop that one", errors, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(target));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("gc")]
    public async Task Upload_DirectoryThatIsNoStore_ExitsWith3(string command)
    {
        (int code, _, string errors) = await RunAsync("upload", command, "--data", _work);
        Assert.Equal(3, code);
        Assert.Contains("is not a data directory", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_OfADirectoryInUse_IsListedAndNotCollected()
    {
        string data = Path.Combine(_work, "data"), uploads = Path.Combine(data, "uploads");
        using (DataDirectory.Open(data, create: true))
        {
            Directory.CreateDirectory(uploads);
            await File.WriteAllTextAsync(Path.Combine(uploads, "0123.state"), "damaged", TestContext.Current.CancellationToken);
            (int code, string output, string errors) = await RunAsync("upload", "list", "--data", data, "--output", "json");
            Assert.Equal((1, "[]"), (code, output));
            Assert.Contains("0123.state: its header is damaged", errors, StringComparison.Ordinal);
            Assert.Equal(3, (await RunAsync("upload", "gc", "--data", data)).Code);
            Assert.True(File.Exists(Path.Combine(uploads, "0123.state")));
        }

        // Nobody uses it now: what cannot be gone on with is dropped. The configuration says where.
        string config = Path.Combine(_work, "weir.yaml");
        await File.WriteAllTextAsync(config, $"data: \"{data}\"\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("upload", "gc", "--config", config)).Code);
        Assert.Empty(Directory.EnumerateFiles(uploads));
    }

    [Fact]
    public async Task Query_OfNobody_ExitsWith1AndSaysWhatToDo()
    {
        (int code, _, string errors) = await RunAsync("query", "x", "--url", "http://127.0.0.1:9");
        Assert.Equal(1, code);
        Assert.Contains("is 'weir up' running there?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_SyntaxError_ExitsWith2AndNamesThePosition()
    {
        (int code, _, string errors) = await RunAsync("query", "sum(", "--url", "http://127.0.0.1:9");
        Assert.Equal(2, code);
        Assert.Contains("1:5: parse error", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_DirectoryThatIsNoStore_ExitsWith3()
    {
        (int code, _, string errors) = await RunAsync("query", "x", "--data", _work);
        Assert.Equal(3, code);
        Assert.Contains("is not a data directory", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PortInUse_ExitsWith3AndMakesNoDirectory()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string data = Path.Combine(_work, "data");
        (int code, _, string errors) = await RunAsync("up", "--data", data, "--http", other.LocalEndpoint.ToString()!, "--grpc", "127.0.0.1:0", "--enroll", "127.0.0.1:0");
        Assert.Equal(3, code);
        Assert.Contains("address already in use: stop what listens there", errors, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("--http", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }
}
