using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Uplinks;
using Weir.Agent.Uploads;
using Weir.Log;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent upload</c>: brings a file to the gateway, going on where a run before was cut off.</summary>
internal static class UploadCommand
{
    private static readonly Argument<string> FileArgument = new("FILE") { Description = "The file" };

    private static readonly Option<string> Kind = new("--kind")
    {
        Description = "What the file is for: file, diagnostics or recording",
        HelpName = "KIND",
        DefaultValueFactory = static _ => "file",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Kind.AcceptOnlyFromAmong("file", "diagnostics", "recording");
        var command = new Command("upload", "Upload a file to the gateway; run again to go on where it was cut off")
        {
            FileArgument, Kind, Options.Config, Options.Gateway, Options.Data, RunCommand.Insecure,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>Uploads a file and says how it went.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> UploadAsync(AgentConfig config, string path, string kind, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        TextWriter output = console.Output, error = console.Error;
        try
        {
            if (new AgentStateFile(new PhysicalFileSystem(), config.DataDirectory).Read() is not { } state)
            {
                error.WriteLine($"{config.DataDirectory} holds no agent yet: name the data directory of the agent with --data, or start the agent once");
                return ExitCodes.DataUnusable;
            }

            using AgentIdentity? identity = AgentIdentity.Open(config, new PhysicalFileSystem(), () => state, TimeProvider.System, NullLoggerFactory.Instance);
            if (identity is { Credentials: null })
            {
                error.WriteLine($"the agent of {config.DataDirectory} has no certificate yet: run 'weir-agent enroll', or start the agent where this is a copy of one that has");
                return ExitCodes.Failed;
            }

            Uri[] gateways = [.. GatewayAddress.TryParseAll(config.Gateway)!.Select(gateway => new Uri(gateway.ToUri(secure: identity is not null)))];
            using var client = new UploadClient(gateways, state.AgentId, await GatewayConnector.Of(config, identity).ConnectAsync(cancellationToken).ConfigureAwait(false));
            var printer = new ProgressPrinter(output);
            string name = await new FileUpload(client, TimeProvider.System, printer.Report, error.WriteLine).RunAsync(path, kind, cancellationToken).ConfigureAwait(false);
            output.WriteLine($"{path} is on the server as uploads/{name}: {printer.Summary}");
            return ExitCodes.Ok;
        }
        catch (AgentDataException problem)
        {
            error.WriteLine(problem.Message);
            return ExitCodes.Of(problem);
        }
        catch (Exception problem) when (problem is UploadException or IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{path}: {problem.Message}");
            if (problem is UploadException { IsFinal: false }) error.WriteLine("What has been sent stays there: run the command again to go on.");
            return ExitCodes.Failed;
        }
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (RunCommand.TryConfigure(arguments) is not { } config) return ExitCodes.BadUsage;
        return await UploadAsync(config, arguments.GetRequiredValue(FileArgument), arguments.GetRequiredValue(Kind), arguments.InvocationConfiguration, cancellationToken).ConfigureAwait(false);
    }
}
