using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>A group of processes that sends each tick alone, as groups slower than five seconds do.</summary>
public sealed class ProcessChurnTests
{
    private const int Processes = 100;
    private const int WholeEvery = 32;
    private const int Ticks = 300;

    private readonly Random _random = new(8);
    private readonly Dictionary<string, double[]> _state = [];
    private readonly EntryWriter _writer = new();

    [Fact]
    public void OneProcessChangeInATick_CostsLessThanTwiceTheBytesOfNone()
    {
        double none = BytesPerTick(changes: false), one = BytesPerTick(changes: true);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{none:F0} B a tick without changes, {one:F0} B with one"));
        Assert.InRange(one, none, 2 * none);
    }

    private double BytesPerTick(bool changes)
    {
        List<string> names = [.. Enumerable.Range(0, Processes).Select(static i => $"process-{i}")];
        Schema schema = TestSchemas.Devices([.. names]);
        var history = new ProfileHistory(schema, 15_000);
        byte[] present = [.. Enumerable.Repeat((byte)1, schema.SeriesCount)];
        for (int t = 0; t < ProfileHistory.MaxTicks; t++) history.Add(t * 15_000L, Tick(names), present);
        Baseline baseline = history.MakeBaseline();
        long bytes = 0;
        for (int t = ProfileHistory.MaxTicks; t < ProfileHistory.MaxTicks + Ticks; t++)
        {
            if (changes) names[_random.Next(Processes)] = $"started-{t}";
            double[] values = Tick(names);
            if (changes)
            {
                Schema changed = TestSchemas.Devices([.. names]);
                history.Follow(changed);
                bool isWhole = t % WholeEvery == 0;
                Baseline next = isWhole ? history.MakeBaseline() : baseline.Derive(schema, changed, values, present);
                bytes += isWhole ? Entry(ObjectCodec.Pack(changed.Canonical.Span)) : Entry(ObjectCodec.Pack(changed.Canonical.Span, schema.Id.Short, schema.Canonical.Span));
                bytes += isWhole ? Entry(ObjectCodec.Pack(next.Canonical.Span)) : Entry(ObjectCodec.Pack(next.Canonical.Span, baseline.Id.Short, baseline.Canonical.Span));
                (schema, baseline) = (changed, next);
            }
            else if (t == ProfileHistory.MaxTicks)
            {
                // One baseline in as many ticks as are counted.
                bytes += Entry(ObjectCodec.Pack(baseline.Canonical.Span));
            }

            history.Add(t * 15_000L, values, present);
            var builder = new FrameBuilder(schema, 1) { Baseline = baseline };
            builder.AddTick(t * 15_000L, values, present);
            bytes += builder.Seal(100_000, 0).Length;
        }

        return bytes / (double)Ticks;
    }

    private int Entry(byte[] payload) => _writer.Write(new EntryHeader { Kind = EntryKind.Object, Form = (byte)ObjectKind.Schema, Seq = 100_000, ObjectId = 1 }, payload).Length;

    // CPU time in hundredths of a second and memory in pages: a third moves in a tick.
    private double[] Tick(IReadOnlyList<string> running) =>
    [
        .. running.SelectMany(name =>
        {
            if (!_state.TryGetValue(name, out double[]? values)) _state[name] = values = [_random.Next(1_000), _random.Next(100_000)];
            if (_random.Next(3) == 0) values[0] += _random.Next(200);
            if (_random.Next(4) == 0) values[1] += _random.Next(-20, 21);
            return (double[])[values[0] / 100, values[1] * 4096];
        }),
    ];
}
