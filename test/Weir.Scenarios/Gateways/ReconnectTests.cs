using Weir.Bench.Reconnect;

namespace Weir.Scenarios.Gateways;

/// <summary>The benchmark <c>reconnect</c> with fewer agents: a fleet comes back to a gateway that was restarted, spread, and nothing is lost.</summary>
public sealed class ReconnectTests
{
    private const int Agents = 200;

    [Fact]
    public async Task Agents_of_a_restarted_gateway_all_come_back_spread_and_nothing_is_lost()
    {
        var settings = new ReconnectSettings { Agents = Agents, Steady = TimeSpan.FromSeconds(2), SustainedSuccess = TimeSpan.FromSeconds(1), Down = TimeSpan.FromSeconds(2) };

        // Fails by itself where an agent does not come back, or an acked frame is not stored once.
        ReconnectReport report = await new ReconnectRun(settings, TextWriter.Null).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal([RestartKind.Planned, RestartKind.Killed], report.Restarts.Select(static restart => restart.Kind));
        Assert.True(report.Frames > Agents);
        // Those that do not get to it in time are cut off like the others by a kill.
        Assert.InRange(report.Events.Count(each => IsWithin(each, report.Restarts[0]) && each.Reason == "the gateway is draining"), Agents / 2, Agents);
        foreach (Restart restart in report.Restarts)
        {
            IReadOnlyList<Attempt> attempts = report.AttemptsOf(restart);
            Assert.Equal(Enumerable.Range(0, Agents), attempts.Where(static attempt => attempt.Failure is null).Select(static attempt => attempt.Agent).Distinct().Order());
            Assert.True(attempts.Count > Agents, "nobody tried while the gateway was away: the restart proved nothing");
            Assert.All(attempts, static attempt => Assert.NotNull(attempt.Spacing));
            int[] gone = [.. report.Events.Where(each => IsWithin(each, restart) && each.Step == ConnectionStep.Ended).Select(static each => each.Agent).Distinct()];
            // Evenly drawn delays turn half of all pairs around, equal ones none.
            Assert.InRange(TurnedAround(gone, [.. attempts.Select(static attempt => attempt.Agent).Distinct()]), 0.25, 0.75);
            // And a quarter of the agents try twice before the last has tried once, where with equal delays none would.
            Assert.True(TriedTwiceBeforeTheLastTriedOnce(attempts) > Agents / 20, "the agents tried in waves");
        }
    }

    private static bool IsWithin(ConnectionEvent each, Restart restart) => each.At >= restart.AskedAt && each.At <= restart.BackAt;

    private static int TriedTwiceBeforeTheLastTriedOnce(IReadOnlyList<Attempt> attempts)
    {
        var tried = new HashSet<int>();
        var twice = new HashSet<int>();
        foreach (Attempt attempt in attempts.TakeWhile(_ => tried.Count < Agents))
            if (!tried.Add(attempt.Agent)) twice.Add(attempt.Agent);
        return twice.Count;
    }

    /// <summary>The share of pairs that stand the other way round in a second order.</summary>
    private static double TurnedAround(int[] first, int[] second)
    {
        int[] place = new int[first.Length];
        for (int i = 0; i < second.Length; i++) place[second[i]] = i;
        int turned = 0;
        for (int i = 0; i < first.Length; i++)
            for (int j = i + 1; j < first.Length; j++)
                if (place[first[i]] > place[first[j]]) turned++;
        return turned / (first.Length * (first.Length - 1) / 2.0);
    }
}
