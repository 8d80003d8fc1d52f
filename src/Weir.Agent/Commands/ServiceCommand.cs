using System.CommandLine;
using Weir.Agent.Configuration;
using Weir.Agent.Services;
using Weir.Agent.Services.Linux;
using Weir.Agent.Services.Windows;
using Weir.Protocol.Identity;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent service</c>: the agent as a service of Windows or systemd. Shows what it changes before it changes it.</summary>
internal static class ServiceCommand
{
    private static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Make the changes without asking" };

    private static readonly Option<string?> Account = new("--account")
    {
        Description = "Run as this existing account without a password. Default: one of its own without rights (Windows: NT SERVICE\\weir-agent; systemd: DynamicUser)",
        HelpName = "NAME",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var install = new Command("install", "Install the service, or bring it to these settings, keeping those that are not given; shows every change and asks. It is started by 'service start' and with the system")
        {
            Options.Config, Options.Data, Options.Gateway, Options.Enroll, Options.Token, RunCommand.Insecure, Account, Yes,
        };
        install.SetAction(arguments => Guard(arguments, system => Install(arguments, system)));
        var uninstall = new Command("uninstall", "Stop and remove the service; shows every change and asks. Configuration and data stay") { Yes };
        uninstall.SetAction(arguments => Guard(arguments, system => MakeChanges(system.PlanUninstall(), "the service is not installed", arguments)));
        var start = new Command("start", "Start the service and wait until it runs");
        start.SetAction((arguments, cancellationToken) => GuardAsync(arguments, system => system.StartAsync(cancellationToken)));
        var stop = new Command("stop", "Stop the service and wait until it has sealed what it gathered");
        stop.SetAction((arguments, cancellationToken) => GuardAsync(arguments, system => system.StopAsync(cancellationToken)));
        var status = new Command("status", "Say whether the service runs; exit code 1 where it does not");
        status.SetAction(arguments => Guard(arguments, system => Print(system.Status(), arguments.InvocationConfiguration.Output)));
        return new Command("service", "The agent as a service of Windows or systemd") { install, uninstall, start, stop, status };
    }

    /// <summary>The account of the installed service; null where none is installed, or that cannot be told.</summary>
    public static string? InstalledAccount()
    {
        try
        {
            IServiceSystem system = System();
            return system.Installed() is { } service ? service.Account ?? system.OwnAccount : null;
        }
        catch (ServiceException)
        {
            return null;
        }
    }

    /// <summary>Shows changes, asks, and makes them in order up to the first that fails.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="isAgreed">Whether nobody is asked.</param>
    /// <param name="input">Where the answer comes from.</param>
    /// <param name="output">Where changes are shown.</param>
    /// <param name="error">Where a failure is said.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int MakeChanges(IReadOnlyList<ServiceChange> changes, bool isAgreed, TextReader input, TextWriter output, TextWriter error)
    {
        output.WriteLine("This changes:");
        for (int at = 0; at < changes.Count; at++) output.WriteLine($"  {at + 1}. {changes[at].What}");
        if (!isAgreed)
        {
            output.Write("Make these changes? [y/N] ");
            output.Flush();
            if (input.ReadLine()?.Trim() is not ("y" or "Y" or "yes"))
            {
                output.WriteLine("Nothing was changed.");
                return ExitCodes.Failed;
            }
        }

        for (int at = 0; at < changes.Count; at++)
        {
            try
            {
                output.WriteLine($"  {at + 1}. {changes[at].Apply() ?? "done"}");
            }
            catch (Exception problem) when (problem is ServiceException or IOException or UnauthorizedAccessException or ArgumentException)
            {
                error.WriteLine($"{at + 1}. {problem.Message}");
                error.WriteLine($"{at} of {changes.Count} changes were made; run the command again to go on, or 'weir-agent service uninstall' to go back");
                return ExitCodes.Failed;
            }
        }

        return ExitCodes.Ok;
    }

    private static int MakeChanges(IReadOnlyList<ServiceChange> changes, string none, ParseResult arguments)
    {
        InvocationConfiguration console = arguments.InvocationConfiguration;
        if (changes.Count > 0) return MakeChanges(changes, arguments.GetValue(Yes), Console.In, console.Output, console.Error);
        console.Output.WriteLine(none);
        return ExitCodes.Ok;
    }

    /// <summary>Installs the service, or brings it to the command line's settings: what is not given stays as it is installed.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    internal static int Install(ParseResult arguments, IServiceSystem system)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            error.WriteLine("this program runs in 'dotnet', which a service would start without it: install the one that 'eng/publish' makes");
            return ExitCodes.BadUsage;
        }

        var options = new InstallOptions(arguments, system.Installed());
        if (options.Unreadable is { } unreadable)
        {
            error.WriteLine($"the options of the installed service cannot be read, and would be lost: {unreadable}; 'weir-agent service uninstall' first (configuration and data stay), then install with all options");
            return ExitCodes.BadUsage;
        }

        string config = Path.GetFullPath(options.Of(Options.Config) ?? system.DefaultConfig);
        AgentConfig? file = File.Exists(config) ? ConfigLoader.TryLoad(config, error) : new AgentConfig();
        if (file is null) return ExitCodes.BadUsage;
        string data = Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Of(Options.Data) ?? file.DataDirectory));
        JoinToken? token = options.TokenOf(Options.Token, out string? problem);
        if (problem is not null)
        {
            error.WriteLine(problem);
            return ExitCodes.BadUsage;
        }

        var settings = new ServiceSettings(
            Environment.ProcessPath!, config, data, options.AccountOf(Account), options.Of(Options.Gateway), options.Of(Options.Enroll), options.Of(RunCommand.Insecure), token);
        AgentConfig inEffect = file with
        {
            Gateway = settings.Gateway ?? file.Gateway,
            DataDirectory = data,
            EnrollAddress = settings.Enroll ?? file.EnrollAddress,
            JoinToken = token ?? file.JoinToken,
            Insecure = file.Insecure || settings.Insecure,
        };
        if (!ConfigLoader.IsSendingAllowed(inEffect, error)) return ExitCodes.BadUsage;
        if (options.Kept.Count > 0) output.WriteLine($"Kept of the installed service: {string.Join(' ', options.Kept)}");
        int code = MakeChanges(system.PlanInstall(settings), "", arguments);
        if (code != ExitCodes.Ok) return code;
        output.WriteLine(system.Status().IsRunning
            ? "Installed. The service still runs as before: weir-agent service stop, then weir-agent service start"
            : "Installed. Start it: weir-agent service start");
        return code;
    }

    private static int Print(ServiceReport report, TextWriter output)
    {
        output.WriteLine(report.State);
        foreach (string detail in report.Details) output.WriteLine($"  {detail}");
        return report.IsRunning ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<int> GuardAsync(ParseResult arguments, Func<IServiceSystem, Task> act)
    {
        try
        {
            await act(System()).ConfigureAwait(false);
            return ExitCodes.Ok;
        }
        catch (ServiceException problem)
        {
            arguments.InvocationConfiguration.Error.WriteLine(problem.Message);
            return ExitCodes.Failed;
        }
    }

    private static int Guard(ParseResult arguments, Func<IServiceSystem, int> act)
    {
        try
        {
            return act(System());
        }
        catch (Exception problem) when (problem is ServiceException or ArgumentException)
        {
            arguments.InvocationConfiguration.Error.WriteLine(problem.Message);
            return ExitCodes.Failed;
        }
    }

    private static IServiceSystem System() => OperatingSystem.IsWindows() ? new WindowsServices() : new SystemdServices();
}
