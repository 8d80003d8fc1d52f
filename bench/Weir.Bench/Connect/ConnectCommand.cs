using System.CommandLine;
using Weir.Bench.Replay;

namespace Weir.Bench.Connect;

/// <summary>The command <c>connect</c>: what a new connection costs until its first ack, against a further frame over an open one.</summary>
internal static class ConnectCommand
{
    private const int Failure = 1;

    public static Command Create()
    {
        Option<int> connections = NumberOption.Create("--connections", "N", 8, 5_000, "Connections of each kind; the first quarter does not count.", 1_000);
        var command = new Command("connect", "Opens plaintext and TLS connections to a weir that it starts, one after another, and prints time and CPU until the first ack and of further frames.") { connections };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(connections), parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int connections, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            foreach (bool isTls in (bool[])[false, true]) (await new ConnectRun(connections, console.Error).RunAsync(isTls, cancellationToken)).Write(console.Output);
            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"connect failed: {failure.Message}");
            return Failure;
        }
    }
}
