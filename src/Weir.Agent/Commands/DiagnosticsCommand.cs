using System.CommandLine;
using System.Globalization;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Agent.Diagnostics;

namespace Weir.Agent.Commands;

/// <summary><c>weir-agent diagnostics</c>: makes a bundle, and uploads it on request.</summary>
internal static class DiagnosticsCommand
{
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "The file; without it weir-diagnostics-HOST-TIME.zip in the working directory", HelpName = "FILE" };
    private static readonly Option<bool> Upload = new("--upload") { Description = "Upload it to the gateway" };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("diagnostics", "Write versions, configuration, spool and readings into a zip file, and upload it on request; secrets are not among them")
        {
            Output, Upload, Options.Config, Options.Gateway, Options.Data, RunCommand.Insecure,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        InvocationConfiguration console = arguments.InvocationConfiguration;
        if (RunCommand.TryConfigure(arguments) is not { } config) return ExitCodes.BadUsage;
        string path = arguments.GetValue(Output) ?? DefaultName(config);
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(path, options);
            await using (file.ConfigureAwait(false))
                await new DiagnosticsBundle(config, new LinuxRoots(), TimeProvider.System).WriteAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"{path}: {problem.Message}");
            return ExitCodes.Failed;
        }

        console.Output.WriteLine($"wrote {path}");
        if (!arguments.GetValue(Upload)) return ExitCodes.Ok;
        int code = await UploadCommand.UploadAsync(config, path, "diagnostics", console, cancellationToken).ConfigureAwait(false);
        if (code != ExitCodes.Ok) console.Error.WriteLine($"{path} stays here: 'weir-agent upload {path} --kind diagnostics' goes on.");
        return code;
    }

    private static string DefaultName(AgentConfig config) =>
        string.Create(CultureInfo.InvariantCulture, $"weir-diagnostics-{config.HostName ?? Environment.MachineName}-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.zip");
}
