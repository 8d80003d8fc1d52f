using System.Globalization;
using System.Text.Json;
using Weir.Scenarios.Replay;

namespace Weir.Scenarios.Oracle;

/// <summary>A data directory that no server uses, seen by the commands of <c>weir</c>.</summary>
internal sealed class OfflineStore(string data)
{
    private const string LongAgo = "1600000000";

    private readonly string _dll = BuiltProgram.Find("src/Weir.Server", "weir.dll");

    /// <summary>Every sample of every host; fails where one stands twice.</summary>
    public async Task<Dictionary<(string Series, long TimeMs), ulong>> QueryAsync(CancellationToken cancellationToken)
    {
        string tomorrow = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        CommandResult result = await RunAsync(cancellationToken, "query", """{__name__!=""}""", "--from", LongAgo, "--to", tomorrow, "--output", "csv");
        return QueryCsv.Parse(result.Output);
    }

    /// <summary>Seals all of the log and verifies every part.</summary>
    /// <returns>The samples that the parts hold.</returns>
    public async Task<long> SealAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken, "store", "seal");
        await RunAsync(cancellationToken, "store", "verify");
        CommandResult result = await RunAsync(cancellationToken, "store", "inspect", "--output", "json");
        using var report = JsonDocument.Parse(string.Join('\n', result.Output));
        return report.RootElement.GetProperty("partitions").EnumerateArray()
            .SelectMany(static partition => partition.GetProperty("parts").EnumerateArray()).Sum(static part => part.GetProperty("samples").GetInt64());
    }

    private async Task<CommandResult> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        CommandResult result = await WeirProcess.RunAsync(_dll, [.. arguments, "--data", data], cancellationToken);
        Assert.True(result.ExitCode == 0, $"weir {string.Join(' ', arguments)} ended with code {result.ExitCode}:\n{result.Errors}\n{string.Join('\n', result.Output.Take(10))}");
        return result;
    }
}
