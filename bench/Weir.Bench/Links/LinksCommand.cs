using System.CommandLine;
using System.Globalization;
using Weir.Bench.EndToEnd;
using Weir.Bench.Replay;

namespace Weir.Bench.Links;

/// <summary>The command <c>links</c>: what one agent with a backlog brings over links of several round trips, by the size of HTTP/2 windows.</summary>
internal static class LinksCommand
{
    private const int Failure = 1;
    private static readonly int[] RoundTripsMs = [0, 20, 100];
    private static readonly int[] WindowsKiB = [64, 128, 256, 512, 1024];

    public static Command Create()
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text; .zst is decompressed." };
        var seconds = NumberOption.Create("--seconds", "N", 60, 1_000_000, "Ticks of the backlog, one second apart.", 20_000);
        var command = new Command("links", "Sends a backlog over one stream through a proxy that delays, and reports MB/s by round trip and window.") { input, seconds };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetRequiredValue(input), parsed.GetValue(seconds), parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string input, int seconds, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        try
        {
            await console.Output.WriteLineAsync($"MB/s of entries, acked; columns: window of stream and connection in KiB {string.Join(", ", WindowsKiB)}");
            foreach (int roundTrip in RoundTripsMs)
            {
                var rates = new List<string>();
                foreach (int window in WindowsKiB)
                {
                    var settings = new EndToEndSettings { Input = input, Hosts = 1, Seconds = seconds, Ticks = 5, BatchFrames = 100, RoundTripMs = roundTrip, WindowBytes = window * 1024 };
                    EndToEndReport report = await new EndToEndRun(settings, console.Error).RunAsync(cancellationToken);
                    rates.Add(string.Create(CultureInfo.InvariantCulture, $"{report.WireBytes / report.AckedSeconds / 1e6,8:N2}"));
                }

                await console.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"round trip {roundTrip,3} ms  {string.Join("  ", rates)}"));
            }

            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"links failed: {failure.Message}");
            return Failure;
        }
    }
}
