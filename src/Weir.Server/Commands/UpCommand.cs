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
        var enroll = new Option<string?>("--enroll") { Description = "Where agents join and renew their certificates, always over TLS. Default 127.0.0.1:7401; port 0 takes a free one.", HelpName = "ADDR:PORT" };
        var tls = new Option<bool>("--tls") { Description = "Make gateways on loopback TLS too, and keep it beyond loopback whatever --insecure says." };
        var insecure = new Option<bool>("--insecure") { Description = "Allow the HTTP listener beyond loopback, although it knows no accounts yet, and gateways there without TLS." };
        var command = new Command("up", "Run a whole Weir in one process: gateway, log, store, queries, console and an agent for this host.")
        {
            config, data, http, grpc, enroll, tls, insecure,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new ServerArguments(
                parsed.GetValue(config), parsed.GetValue(data), parsed.GetValue(http), parsed.GetValue(grpc) ?? [], parsed.GetValue(insecure), parsed.GetValue(enroll), parsed.GetValue(tls)),
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
        string retention = config.Store.RetentionAge is { } age ? $"{age.TotalDays:0.##} days" : "any age";
        string bytes = config.Store.RetentionBytes is { } limit ? $"{limit / (double)(1L << 30):0.##} GiB" : "any size";
        System.Console.WriteLine($"""
            weir {ProductVersion.Text} is up
              console    http://{server.Http}
              gateways   {string.Join(", ", server.Grpc.Select(gateway => config.IsTls(gateway) ? $"{gateway} (TLS)" : $"{gateway}"))}
              enrolment  {server.Enroll} (TLS)
              data       {Path.GetFullPath(config.DataDirectory)} (kept: {retention}, {bytes})
            """);
        foreach (string line in OtherHosts(config, server)) System.Console.WriteLine("  " + line);
        System.Console.WriteLine("  stop with Ctrl-C");
    }

    // What to type for another host: exactly as it is for how this server listens.
    private static IEnumerable<string> OtherHosts(ServerConfig config, WeirServer server)
    {
        string data = Path.GetFullPath(config.DataDirectory), host = Dns.GetHostName();
        IPEndPoint gateway = server.Grpc.FirstOrDefault(static endPoint => !IPAddress.IsLoopback(endPoint.Address)) ?? server.Grpc[0];
        if (IPAddress.IsLoopback(gateway.Address))
        {
            string join = config.IsTls(gateway) ? $" --enroll {server.Enroll} --token \"$(weir enroll token create --data {data})\"" : "";
            yield return $"another agent on this host:  weir-agent run --gateway {gateway} --data DIR{join}";
            yield return $"for other hosts:  weir up --grpc 0.0.0.0:{gateway.Port} --enroll 0.0.0.0:{server.Enroll.Port}";
            yield break;
        }

        if (!config.IsTls(gateway))
        {
            yield return $"another host, nothing encrypted:  weir-agent run --insecure --gateway {host}:{gateway.Port}";
            yield break;
        }

        yield return $"another host, here:   weir enroll token create --data {data}";
        yield return IPAddress.IsLoopback(server.Enroll.Address)
            ? $"              there:  nobody beyond this host can join yet: start with --enroll 0.0.0.0:{server.Enroll.Port}"
            : $"              there:  weir-agent enroll --gateway {host}:{gateway.Port} --enroll {host}:{server.Enroll.Port} --token TOKEN, then weir-agent run --gateway {host}:{gateway.Port}";
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
