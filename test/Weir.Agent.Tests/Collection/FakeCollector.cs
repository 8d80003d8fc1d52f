using Weir.Agent.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

/// <summary>A collector with one gauge per instance, whose behaviour a test sets.</summary>
internal sealed class FakeCollector(string name, params string[] instances) : ICollector
{
    private readonly Template _template = new(NamingRule.OpenTelemetry, ["instance"], [new($"test.{name}", "1", MetricKind.Gauge)]);
    private string[]? _shaped;

    public string Name => name;

    public string[] Instances { get; set; } = instances;

    public Exception? Throws { get; set; }

    public FailureReason? FailsFirst { get; set; }

    /// <summary>While unset the collector hangs.</summary>
    public ManualResetEventSlim Gate { get; } = new(true);

    public int Calls { get; private set; }

    /// <summary>Priority of the thread that it was called on.</summary>
    public ThreadPriority? Priority { get; private set; }

    public int Inside => _inside;

    private int _inside;

    public int MostInside { get; private set; }

    public void Collect(Columns columns)
    {
        Priority = Thread.CurrentThread.Priority;
        MostInside = Math.Max(MostInside, Interlocked.Increment(ref _inside));
        try
        {
            Gate.Wait(TestContext.Current.CancellationToken);
            if (Throws is { } error) throw error;
            Calls++;
            if (!ReferenceEquals(_shaped, Instances))
            {
                columns.Shape([new SchemaPart(_template, [.. Instances.Select(static instance => (string[])[instance])])]);
                _shaped = Instances;
            }

            for (int i = 0; i < Instances.Length; i++) columns.Set(i, (Calls * 100) + i);
            if (FailsFirst is { } reason) columns.Fail(0, reason);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public bool IsDisposed { get; private set; }

    public void Dispose()
    {
        IsDisposed = true;
        Gate.Dispose();
    }
}
