using Weir.Agent.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Collection;

public sealed class ColumnsTests
{
    private static readonly SchemaPart[] Parts = [new SchemaPart(new Template(NamingRule.OpenTelemetry, ["instance"], [new("test.columns", "1", MetricKind.Gauge)]), [["a"], ["b"], ["c"]])];

    [Fact]
    public void Summary_CountsWhatFailedAndSaysWhyTheFirst()
    {
        var columns = new Columns();
        Assert.Equal((0, 0, null), columns.Summary());
        columns.Shape(Parts);
        columns.Set(0, 1);
        columns.Fail(1, FailureReason.AccessDenied);
        columns.Fail(2, FailureReason.Stuck);
        Assert.Equal((3, 2, FailureReason.AccessDenied), columns.Summary());
    }

    [Fact]
    public async Task Summary_WhileTheShapeChanges_IsOfOneShapeOrTheOther()
    {
        var columns = new Columns();
        bool isDone = false;
        Task reading = Task.Factory.StartNew(() =>
        {
            while (!Volatile.Read(ref isDone)) Assert.True(Volatile.Read(ref columns).Summary().Series is 0 or 3);
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        for (int i = 0; i < 20_000 && !reading.IsCompleted; i++)
        {
            Volatile.Write(ref columns, new Columns());
            columns.Shape(Parts);
        }

        Volatile.Write(ref isDone, true);
        await reading;
    }
}
