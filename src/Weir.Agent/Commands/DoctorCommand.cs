using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Local;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent doctor</c>: for each collector whether it works, from which source, why not, and what would mend it.</summary>
internal static class DoctorCommand
{
    private const int Ticks = 2;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary><c>--here</c>.</summary>
    public static readonly Option<bool> Here = new("--here") { Description = "Do not ask the agent that runs: try the collectors in this process, with the rights of this account" };

    private static readonly Option<string?> Report = new("--report") { Description = "Write system, build, verdict and timing of every source into a text file, to attach to a report", HelpName = "FILE" };
    private static readonly Option<bool> Fix = new("--fix") { Description = "Show each change that would grant a missing right, ask, and make it" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("doctor", "Say for each collector whether it works, from which source, why not, and which command would mend it") { Options.Config, Here, Options.Output, Report, Fix };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        TextWriter output = arguments.InvocationConfiguration.Output, error = arguments.InvocationConfiguration.Error;
        if (ConfigLoader.TryLoad(arguments.GetValue(Options.Config), error) is not { } config) return ExitCodes.BadUsage;
        var reader = new StatusReader(config, new LinuxRoots(), TimeProvider.System, NullLogger.Instance);
        bool isHere = arguments.GetValue(Here);
        AgentStatus? running = isHere ? null : await reader.TryAskAsync(cancellationToken).ConfigureAwait(false);
        string? noAnswer = isHere || running is not null ? null : reader.NoAnswer;
        AgentStatus status = running ?? await reader.TryHereAsync(Ticks, Pause, cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(Options.Output) == OutputFormat.Json) WriteJson(output, status);
        else DoctorPrinter.Print(output, status, config, running is not null, noAnswer);
        if (arguments.GetValue(Report) is { } file && !TryWriteReport(file, status, config, running is not null, noAnswer, error)) return ExitCodes.Failed;
        if (arguments.GetValue(Fix) && !new RightsFix(output, error, Console.In).Run(status, isHere ? status.Account : ServiceCommand.InstalledAccount() ?? (running is null ? status.Account : null))) return ExitCodes.Failed;
        return status.Collectors.All(static collector => collector.IsWell) ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void WriteJson(TextWriter output, AgentStatus status)
    {
        using var json = new MemoryStream();
        StatusJson.Write(json, status);
        output.WriteLine(System.Text.Encoding.UTF8.GetString(json.GetBuffer().AsSpan(0, (int)json.Length)));
    }

    private static bool TryWriteReport(string file, AgentStatus status, AgentConfig config, bool isRunning, string? noAnswer, TextWriter error)
    {
        try
        {
            using var text = new StreamWriter(file);
            DoctorPrinter.PrintSystem(text, status);
            DoctorPrinter.Print(text, status, config, isRunning, noAnswer);
            text.WriteLine();
            WriteJson(text, status);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"{file}: {problem.Message}");
            return false;
        }
    }
}
