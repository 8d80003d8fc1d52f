using Weir.Agent.Uplinks;

namespace Weir.Agent.Tests.Uplinks;

public sealed class BackoffTests
{
    [Fact]
    public void Next_ManyAttempts_SpreadFromNothingToTheCappedExponential()
    {
        double[] most = new double[12];
        double[] least = [.. Enumerable.Repeat(double.MaxValue, 12)];
        for (int seed = 0; seed < 500; seed++)
        {
            var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60), new Random(seed));
            for (int attempt = 0; attempt < most.Length; attempt++)
            {
                double delay = backoff.Next().TotalSeconds;
                most[attempt] = Math.Max(most[attempt], delay);
                least[attempt] = Math.Min(least[attempt], delay);
            }
        }

        for (int attempt = 0; attempt < most.Length; attempt++)
        {
            double cap = Math.Min(60, 0.5 * Math.Pow(2, attempt));
            Assert.InRange(most[attempt], cap * 0.95, cap);
            Assert.InRange(least[attempt], 0, cap * 0.05);
        }
    }

    [Fact]
    public void Reset_StartsOver()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60), new Random(1));
        for (int i = 0; i < 40; i++) backoff.Next();

        backoff.Reset();

        Assert.InRange(backoff.Next().TotalSeconds, 0, 0.5);
    }
}
