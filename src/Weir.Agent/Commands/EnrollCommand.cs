using System.CommandLine;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent enroll</c>: joins a gateway with a token; <c>run</c> then speaks to it over TLS.</summary>
internal static class EnrollCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("enroll", "Join a gateway with a token and keep the certificate in the data directory; it renews itself")
        {
            Options.Config, Options.Gateway, Options.Data, Options.Token, Options.Enroll,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        if (ConfigLoader.TryLoad(arguments.GetValue(Options.Config), error) is not { } file) return ExitCodes.BadUsage;
        if (Options.TryOverride(file, arguments, error, mayLackToken: false) is not { } config) return ExitCodes.BadUsage;
        if (config.JoinToken is null)
        {
            error.WriteLine("a join token is needed: --token TOKEN, or 'join_token' in the configuration; 'weir enroll token create' makes one on the server");
            return ExitCodes.BadUsage;
        }

        if (!ConfigLoader.IsSendingAllowed(config, error)) return ExitCodes.BadUsage;
        try
        {
            var files = new PhysicalFileSystem();
            using AgentDirectory directory = AgentDirectory.Open(files, config.DataDirectory, HostFacts.Machine());
            using AgentIdentity identity = AgentIdentity.Open(config, files, () => directory.State, TimeProvider.System, NullLoggerFactory.Instance)!;
            AgentCredentials credentials = await identity.JoinAsync(cancellationToken).ConfigureAwait(false);
            output.WriteLine($"agent {credentials.Agent} has joined as one of tenant {credentials.Tenant}; its certificate is good for {Duration.Format(Whole(credentials.Lifetime))} and renews itself");
            output.WriteLine($"start it:  weir-agent run --gateway {config.Gateway} --data {config.DataDirectory}{(config.EnrollAddress is { } enroll ? $" --enroll {enroll}" : "")}");
            return ExitCodes.Ok;
        }
        catch (RpcException problem)
        {
            error.WriteLine($"{config.EnrollmentUri().Authority}: {problem.Status.Detail}");
            return ExitCodes.Failed;
        }
        catch (AgentDataException problem)
        {
            error.WriteLine(problem.Message);
            return ExitCodes.Of(problem);
        }
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromMinutes(Math.Round(time.TotalMinutes));
}
