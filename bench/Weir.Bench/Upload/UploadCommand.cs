using System.CommandLine;
using Weir.Bench.Replay;

namespace Weir.Bench.Upload;

/// <summary>The command <c>upload</c>: what a resumable upload sends again when client and server are killed.</summary>
internal static class UploadCommand
{
    private const int Failure = 1;

    public static Command Create()
    {
        Option<int> size = NumberOption.Create("--size-mib", "N", 8, 16_384, "MiB of the file.", 1024);
        Option<int> kills = NumberOption.Create("--kills", "N", 0, 100, "Kills of client, server and both in turn, each at 60 % of what is left.", 6);
        var data = new Option<string>("--data") { HelpName = "DIR", Description = "Where a temporary folder is made.", DefaultValueFactory = static _ => Path.GetTempPath() };
        var command = new Command("upload", "Uploads a file from an agent to a weir that it starts while either is killed, and prints the bytes sent in each run.") { size, kills, data };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new UploadSettings((long)parsed.GetValue(size) << 20, parsed.GetValue(kills), parsed.GetRequiredValue(data)), parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(UploadSettings settings, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            UploadReport report = await new UploadRun(settings, console.Error).RunAsync(cancellationToken);
            report.Write(console.Output);
            return report.Again <= report.AgainLimit ? 0 : Failure;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"upload failed: {failure.Message}");
            return Failure;
        }
    }
}
