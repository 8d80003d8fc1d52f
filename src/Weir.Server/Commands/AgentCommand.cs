using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Weir.Agent.Configuration;

namespace Weir.Server.Commands;

/// <summary><c>weir agent</c>: orders to the agent of a host, through the server that it is connected to.</summary>
internal static class AgentCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes the command.</summary>
    public static Command Create() => new("agent", "Ask something of the agent of a host.") { CreateCollect() };

    private static Command CreateCollect()
    {
        var host = new Argument<string>("HOST") { Description = "The host's name, or its agent id." };
        var collector = new Argument<string>("COLLECTOR") { Description = "The collector, as 'weir-agent list' names it: cpu, disk, processes, ..." };
        var duration = new Option<string>("--for") { Description = "For how long, up to 1h.", HelpName = "DURATION", DefaultValueFactory = static _ => "5m" };
        var interval = new Option<string>("--interval") { Description = "Distance of the ticks, 100ms to 1h.", HelpName = "DURATION", DefaultValueFactory = static _ => "100ms" };
        Option<Uri> url = CommonOptions.Url();
        var command = new Command("collect", """
            Have a collector read at a shorter interval for a while. It ends by itself.

            Example:
              weir agent collect db-7 disk --for 5m --interval 100ms
            """)
        {
            host, collector, duration, interval, url,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            if (!Duration.TryParse(parsed.GetValue(duration)!, out TimeSpan span)) return Task.FromResult(Wrong($"--for: '{parsed.GetValue(duration)}' is not allowed; allowed: a whole number with ms, s, m or h"));
            if (!Duration.TryParse(parsed.GetValue(interval)!, out TimeSpan distance)) return Task.FromResult(Wrong($"--interval: '{parsed.GetValue(interval)}' is not allowed; allowed: a whole number with ms, s, m or h"));
            return CollectAsync(parsed.GetValue(url)!, parsed.GetValue(host)!, parsed.GetValue(collector)!, distance, span, cancellationToken);
        });
        return command;
    }

    private static async Task<int> CollectAsync(Uri server, string host, string collector, TimeSpan interval, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { BaseAddress = server, Timeout = Patience };
        string path = string.Create(CultureInfo.InvariantCulture, $"/api/v1/weir/hosts/{Uri.EscapeDataString(host)}/collect?collector={Uri.EscapeDataString(collector)}&interval_ms={interval.TotalMilliseconds:0}&seconds={duration.TotalSeconds:0}");
        try
        {
            using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);
            using JsonDocument answer = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            string detail = answer.RootElement.GetProperty("detail").GetString() ?? "";
            if (!response.IsSuccessStatusCode) return Failed(detail);
            System.Console.Out.WriteLine(detail);
            return ExitCode.Ok;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed($"no answer from {server}: {e.Message}; is 'weir up' running there? (--url names another server)");
        }
    }

    private static int Wrong(string what)
    {
        System.Console.Error.WriteLine($"weir: {what}");
        return ExitCode.Usage;
    }

    private static int Failed(string what)
    {
        System.Console.Error.WriteLine($"weir: {what}");
        return ExitCode.Failed;
    }
}
