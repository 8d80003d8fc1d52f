using System.CommandLine;
using System.Text.Json;
using Weir.Bench.Scale;

namespace Weir.Scenarios.Scale;

/// <summary>The benchmark <c>scale</c>, as small as it goes: what is reported, what is left behind, what is refused.</summary>
public sealed class ScaleCommandTests : IDisposable
{
    private static readonly string Recording = RepositoryRoot.Combine("test", "data", "linux-host-120.prom.zst");

    private readonly string _work = Directory.CreateTempSubdirectory("weir-scale-").FullName;

    [Fact]
    public async Task Scale_SmallFleet_ReportsMemoryOfHostsThatShareOneSchema()
    {
        (int code, string output, string errors) = await RunAsync("--input", Recording, "--hosts", "40", "--hot-seconds", "60", "--start-gib", "0", "--queries", "0", "--data", _work, "--output", "json");

        Assert.True(code == 0, errors);
        using var report = JsonDocument.Parse(output);
        JsonElement memory = Assert.Single(report.RootElement.GetProperty("memory").EnumerateArray().ToArray());
        Assert.Equal(40, memory.GetProperty("hosts").GetInt32());
        Assert.Equal(12, memory.GetProperty("framesPerHost").GetInt64());
        Assert.Equal(1, memory.GetProperty("schemasHeld").GetInt32());
        Assert.True(memory.GetProperty("managedBytesPerHost").GetDouble() > memory.GetProperty("baselineBytesPerHost").GetInt64());
        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("start").ValueKind);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_work));
    }

    [Fact]
    public async Task Scale_InputThatIsNotThere_FailsAndSaysSo()
    {
        (int code, _, string errors) = await RunAsync("--input", Path.Combine(_work, "none.prom"), "--data", _work);

        Assert.Equal(1, code);
        Assert.Contains("none.prom", errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int code = await ScaleCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }
}
