using System.CommandLine;
using Weir.Agent.Collectors;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent once</c>: reads everything twice, prints it, sends nothing.</summary>
internal static class OnceCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly Option<OutputFormat> Output = Options.MakeOutput(OutputFormat.Table, OutputFormat.Json, OutputFormat.Prometheus);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("once", "Read all collectors twice, one second apart, and print the values; nothing is sent or written") { Options.Config, Output };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        TextWriter error = arguments.InvocationConfiguration.Error;
        if (ConfigLoader.TryLoad(arguments.GetValue(Options.Config), error) is not { } config) return ExitCodes.BadUsage;
        var collector = new OnceCollector(config, new LinuxRoots(), TimeProvider.System);
        IReadOnlyList<Reading> readings = await collector.ReadAsync(
            Pause,
            error.WriteLine,
            cancellationToken).ConfigureAwait(false);
        ReadingPrinter.Print(arguments.InvocationConfiguration.Output, readings, arguments.GetValue(Output));
        // What is lacking was said; 'doctor' judges it.
        return readings.Count == 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }
}
