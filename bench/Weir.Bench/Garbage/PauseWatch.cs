namespace Weir.Bench.Garbage;

/// <summary>Notes when this process' collector of garbage runs and how long it stops everything.</summary>
/// <remarks>Looks every two milliseconds: of two collections that follow each other sooner the pauses are known in sum only.</remarks>
internal sealed class PauseWatch : IDisposable
{
    private readonly List<double> _pausesMs = [];
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _stop = new(false);
    private readonly int _youngAtStart = GC.CollectionCount(0);
    private readonly int _oldAtStart = GC.CollectionCount(2);
    private readonly TimeSpan _pausedAtStart = GC.GetTotalPauseDuration();
    private readonly long _allocatedAtStart = GC.GetTotalAllocatedBytes();
    private readonly long _begun = TimeProvider.System.GetTimestamp();

    public PauseWatch()
    {
        _thread = new Thread(Watch) { IsBackground = true, Name = "pauses", Priority = ThreadPriority.AboveNormal };
        _thread.Start();
    }

    /// <summary>What has been seen so far.</summary>
    public GarbageReport Report(string variant, long samples)
    {
        double seconds = TimeProvider.System.GetElapsedTime(_begun).TotalSeconds;
        double[] pauses;
        lock (_pausesMs) pauses = [.. _pausesMs.Order()];
        int young = GC.CollectionCount(0) - _youngAtStart;
        double pausedMs = (GC.GetTotalPauseDuration() - _pausedAtStart).TotalMilliseconds;
        return new GarbageReport(
            variant, seconds, samples, young, GC.CollectionCount(2) - _oldAtStart, pausedMs, pauses.Length == 0 ? 0 : Quantile.Of(pauses, 0.99), GC.GetTotalAllocatedBytes() - _allocatedAtStart, Environment.WorkingSet);
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Watch()
    {
        long seen = GC.CollectionCount(0);
        while (!_stop.Wait(2))
        {
            if (GC.CollectionCount(0) == seen) continue;
            seen = GC.CollectionCount(0);
            double pause = 0;
            foreach (TimeSpan each in GC.GetGCMemoryInfo(GCKind.Any).PauseDurations) pause += each.TotalMilliseconds;
            lock (_pausesMs) _pausesMs.Add(pause);
        }
    }
}
