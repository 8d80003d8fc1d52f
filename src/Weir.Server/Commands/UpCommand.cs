using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Weir.Server.Configuration;
using Weir.Server.Hosting;

namespace Weir.Server.Commands;

/// <summary><c>weir up</c>: all roles and a local agent in one process.</summary>
internal static class UpCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file (YAML); docs/weir.reference.yaml explains every key." };
        Option<string?> data = CommonOptions.Data("Directory of everything that is kept; made where it does not exist. Default ./data.");
        var http = new Option<string?>("--http") { Description = "Where the console and the HTTP API listen. Default 127.0.0.1:7480; port 0 takes a free one.", HelpName = "ADDR:PORT" };
        var grpc = new Option<string[]>("--grpc")
        {
            Description = "Where agents connect. May be repeated: each is a gateway of its own on the same log. Default 127.0.0.1:7400.",
            HelpName = "ADDR:PORT",
        };
        var insecure = new Option<bool>("--insecure") { Description = "Allow listeners beyond loopback although nothing is encrypted or authenticated yet." };
        var command = new Command("up", "Run a whole Weir in one process: gateway, log, store, queries, console and an agent for this host.")
        {
            config, data, http, grpc, insecure,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ServerArguments(parsed.GetValue(config), parsed.GetValue(data), parsed.GetValue(http), parsed.GetValue(grpc) ?? [], parsed.GetValue(insecure)),
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ServerArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            ServerConfig config = ServerConfigReader.Read(arguments);
            await using WeirServer server = await WeirServer.StartAsync(config, TimeProvider.System, Logging, cancellationToken);
            Task agent = LocalAgent.RunAsync(config, server, server.Stopping);
            Announce(config, server);
            bool asked = await WaitForEndAsync(server, cancellationToken);
            await agent;
            return asked ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (StartupException e)
        {
            foreach (string problem in e.Problems) await System.Console.Error.WriteLineAsync($"weir: {problem}");
            return e.ExitCode;
        }
    }

    // SIGTERM and Ctrl-C drain. False where the server went down by itself: a role failed, and its log line says why.
    private static async Task<bool> WaitForEndAsync(WeirServer server, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            ended.TrySetResult(true);
        });
        await using CancellationTokenRegistration cancelled = cancellationToken.Register(() => ended.TrySetResult(true));
        await using CancellationTokenRegistration stopped = server.Stopping.Register(() => ended.TrySetResult(false));
        bool asked = await ended.Task;
        System.Console.WriteLine("draining ...");
        server.BeginStop();
        return asked;
    }

    private static void Announce(ServerConfig config, WeirServer server)
    {
        string gateway = server.Grpc[0].ToString();
        string retention = config.Store.RetentionAge is { } age ? $"{age.TotalDays:0.##} days" : "any age";
        string bytes = config.Store.RetentionBytes is { } limit ? $"{limit / (double)(1L << 30):0.##} GiB" : "any size";
        System.Console.WriteLine($"""
            weir {ProductVersion.Text} is up
              console    http://{server.Http}
              gateways   {string.Join(", ", server.Grpc)}
              data       {Path.GetFullPath(config.DataDirectory)} (kept: {retention}, {bytes})
            """);
        if (config.Grpc.Any(static endPoint => !IPAddress.IsLoopback(endPoint.Address)))
            System.Console.WriteLine($"  another host:  weir-agent run --insecure --gateway {Dns.GetHostName()}:{server.Grpc[0].Port}");
        else
            System.Console.WriteLine($"  another agent on this host:  weir-agent run --gateway {gateway} --data DIR   (for other hosts: weir up --insecure --grpc 0.0.0.0:{server.Grpc[0].Port})");
        System.Console.WriteLine("  stop with Ctrl-C");
    }

    private static void Logging(ILoggingBuilder logging)
    {
        logging.AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.UseUtcTimestamp = true;
        });
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // What fails at start is said once, by the command, with its cure.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        logging.AddFilter("Grpc", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
    }
}
