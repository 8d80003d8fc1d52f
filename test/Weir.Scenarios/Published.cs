using System.Collections.Concurrent;

namespace Weir.Scenarios;

/// <summary>What <c>eng/publish</c> makes, made once in a run of the suite: it takes a minute.</summary>
/// <remarks>For tests of <see cref="PublishCollection"/>, which share <c>artifacts/publish</c>.</remarks>
internal static class Published
{
    private static readonly ConcurrentDictionary<string, Task<ScriptResult>> Done = new(StringComparer.Ordinal);

    /// <summary>Publishes, unless this run has; the test fails where that fails.</summary>
    /// <param name="name">An argument of <c>eng/publish</c>.</param>
    /// <param name="cancellationToken">Gives up waiting; the publishing goes on for the tests behind.</param>
    public static async Task ShipAsync(string name, CancellationToken cancellationToken)
    {
        ScriptResult result = await Done.GetOrAdd(name, static name => Script.RunAsync("eng/publish", [name], CancellationToken.None)).WaitAsync(cancellationToken);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
