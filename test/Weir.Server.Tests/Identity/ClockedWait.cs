using Microsoft.Extensions.Time.Testing;

namespace Weir.Server.Tests.Identity;

/// <summary>Waits for what comes over real connections between attempts that are on the clock of a test: it moves on until what is waited for has come.</summary>
internal static class ClockedWait
{
    public static async Task UntilAsync(FakeTimeProvider time, Func<bool> isSo, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!isSo())
        {
            await Task.Delay(20, patience.Token);
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
