using System.CommandLine;
using System.Globalization;
using Weir.Agent.Identity;
using Weir.Bench.Replay;

namespace Weir.Bench.Faults;

/// <summary>The command <c>faults</c>: what is lost when something happens to an agent or its queue while the remote side is down.</summary>
internal static class FaultsCommand
{
    private const int Failure = 1;
    private const string Vmagent = "vmagent";

    public static Command Create()
    {
        Option<int> outage = NumberOption.Create("--outage-seconds", "N", 5, 3600, "How long the remote side is down before each fault.", 45);
        var flips = new Option<int[]>("--flip-at")
        {
            HelpName = "PERCENT", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = static _ => [30, 53, 80],
            Description = "Which bytes of what waits on disk are flipped, each in an outage of its own: so far into it, 1 to 99.",
        };
        flips.Validators.Add(static result => NumberOption.RefuseOutside(result, 1, 99));
        var beside = new Option<string?>("--beside") { HelpName = Vmagent, Description = "Take vmagent and victoria-metrics, as Debian packages them, through the same." };
        beside.AcceptOnlyFromAmong(Vmagent);
        var data = new Option<string>("--data") { HelpName = "DIR", Description = "Where a temporary folder is made.", DefaultValueFactory = static _ => Path.GetTempPath() };
        var command = new Command("faults", "Restarts and kills agents, and damages their queues, while the remote side is down; counts the samples that are lost.") { outage, flips, beside, data };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new FaultSettings(parsed.GetValue(outage), parsed.GetRequiredValue(flips), parsed.GetValue(beside) is not null, parsed.GetRequiredValue(data)), parsed.InvocationConfiguration, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(FaultSettings settings, InvocationConfiguration console, CancellationToken cancellationToken)
    {
        string work = Directory.CreateDirectory(Path.Combine(settings.Directory, $"weir-faults-{Guid.NewGuid():n}")).FullName;
        try
        {
            List<IFaultSide> sides = [new WeirSide(settings, frameSeconds: 5), new WeirSide(settings, frameSeconds: 0)];
            if (settings.BesideVmagent) sides.Add(new VmagentSide(settings, console.Error));
            await console.Output.WriteLineAsync(Line("fault", "product", "made", "stored", "lost", "declared", "silent", "twice", "wrong", "said"));
            foreach (QueueFault fault in settings.Faults)
            {
                FaultOutcome[] outcomes = await Task.WhenAll(sides.Select((side, i) => side.RunAsync(fault, Directory.CreateDirectory(Path.Combine(work, $"{fault}-{i}")).FullName, cancellationToken)));
                foreach (FaultOutcome outcome in outcomes) await console.Output.WriteLineAsync(Line(outcome));
            }

            return 0;
        }
        catch (Exception failure) when (failure is ReplayFailedException or AgentDataException or IOException or HttpRequestException or InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            await console.Error.WriteLineAsync($"faults failed: {failure.Message}");
            return Failure;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static string Line(FaultOutcome outcome) => Line(
        outcome.Fault.ToString(), outcome.Product, Text(outcome.Made), Text(outcome.Stored), Text(outcome.Lost), Text(outcome.Declared), Text(outcome.Silent), Text(outcome.Twice), outcome.Wrong is { } wrong ? Text(wrong) : "-", outcome.Said);

    private static string Line(string fault, string product, string made, string stored, string lost, string declared, string silent, string twice, string wrong, string said) =>
        $"{fault,-16} {product,-28} {made,8} {stored,8} {lost,7} {declared,9} {silent,7} {twice,6} {wrong,6}  {said}";

    private static string Text(long samples) => samples.ToString("N0", CultureInfo.InvariantCulture);
}
