using System.CommandLine;

namespace Weir.Bench.Codec;

/// <summary>The command <c>codec</c>.</summary>
internal static class CodecCommand
{
    /// <summary>Exit code where the input cannot be used, or a value did not come back.</summary>
    private const int Failure = 1;

    /// <summary>Makes the command.</summary>
    /// <param name="meter">How speed is measured; null: as a report needs it.</param>
    public static Command Create(SpeedMeter? meter = null)
    {
        var input = new Option<string>("--input") { Required = true, HelpName = "FILE", Description = "Recording in Prometheus text, plain or compressed with zstd." };
        var output = new Option<string>("--output") { Description = "Form of the report.", DefaultValueFactory = static _ => "table" };
        output.AcceptOnlyFromAmong("table", "json");
        var command = new Command("codec", "Takes a recording through the frame codecs and the formats they are compared with: bytes, speed, and whether every value comes back.")
        {
            input, output,
        };
        command.SetAction(parsed => Run(
            new CodecSettings { Input = parsed.GetRequiredValue(input), Meter = meter ?? SpeedMeter.Default },
            parsed.GetValue(output) == "json",
            parsed.InvocationConfiguration));
        return command;
    }

    private static int Run(CodecSettings settings, bool json, InvocationConfiguration console)
    {
        try
        {
            CodecReport report = new CodecRun(settings, console.Error).Run();
            if (json) CodecReportWriter.WriteJson(report, console.Output);
            else CodecReportWriter.WriteTable(report, console.Output);
            return report.Exact ? 0 : Failure;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"codec failed: {settings.Input}: {failure.Message}");
            return Failure;
        }
    }
}
