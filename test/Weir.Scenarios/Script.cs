using System.Diagnostics;

namespace Weir.Scenarios;

/// <summary>Runs a script or program of the repository to its end.</summary>
internal static class Script
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8); // a first publish downloads packs and compiles on two cores

    /// <summary>Runs it in the repository's root and keeps what it writes; whatever happens, nothing of it outlives the call.</summary>
    /// <param name="program">Absolute, or relative to the repository's root.</param>
    /// <exception cref="OperationCanceledException">It did not end in time.</exception>
    public static Task<ScriptResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) => RunAsync(program, arguments, [], cancellationToken);

    /// <summary>Runs it with variables in its environment.</summary>
    public static async Task<ScriptResult> RunAsync(string program, IReadOnlyList<string> arguments, IReadOnlyList<KeyValuePair<string, string>> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(RepositoryRoot.Combine(program), arguments)
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using Process process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            var output = new List<string>();
            var errors = new List<string>();
            await Task.WhenAll(CollectAsync(process.StandardOutput, output, limit.Token), CollectAsync(process.StandardError, errors, limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return new ScriptResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, string.Join('\n', output), string.Join('\n', errors));
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static async Task CollectAsync(StreamReader reader, List<string> lines, CancellationToken cancellationToken)
    {
        while (await reader.ReadLineAsync(cancellationToken) is { } line) lines.Add(line);
    }
}
