using Weir.Frames;
using Weir.Log;

namespace Weir.TestKit.Agents;

/// <summary>Makes the entries of one agent and epoch: real bytes, as the agent makes them, without its collectors and spool.</summary>
/// <remarks>The value of every sample follows from <see cref="Value"/>, so a reader can check it without having kept it. Not thread-safe.</remarks>
public sealed class TestAgent
{
    /// <summary>Interval of its ticks, ms.</summary>
    public const int IntervalMs = 1000;

    private readonly EntryWriter _writer = new();
    private ulong _objectsAt;

    /// <summary>Makes an agent.</summary>
    /// <param name="number">Tells agents apart: part of id, epoch, host name and values.</param>
    /// <param name="series">Series of its only group.</param>
    /// <param name="epoch">Its epoch; 0 for one made from the number.</param>
    public TestAgent(int number, int series = 3, ulong epoch = 0)
    {
        Number = number;
        Id = new AgentId(0x7465_7374_0000_0000, (ulong)number + 1);
        Epoch = epoch == 0 ? 0xE000_0000_0000_0000 + (ulong)number : epoch;
        Template = new Template(NamingRule.OpenTelemetry, ["instance"], [new Metric("test.value", "1", MetricKind.Gauge)]);
        Schema = new Schema([new SchemaPart(Template, [.. Enumerable.Range(0, series).Select(static i => new[] { $"i{i}" })])]);
    }

    /// <summary>Its number.</summary>
    public int Number { get; }

    /// <summary>Its id.</summary>
    public AgentId Id { get; }

    /// <summary>Its epoch.</summary>
    public ulong Epoch { get; }

    /// <summary>Its host's name.</summary>
    public string HostName => $"test-{Number}";

    /// <summary>What it measures.</summary>
    public Template Template { get; }

    /// <summary>Its series.</summary>
    public Schema Schema { get; }

    /// <summary>What frames are coded against; null for codec 0.</summary>
    public Baseline? Baseline { get; private set; }

    /// <summary>The number of the newest entry.</summary>
    public ulong LastSeq { get; private set; }

    /// <summary>The value of a series at a time.</summary>
    public static double Value(int agent, int series, long timeMs) => (agent * 1000) + series + (timeMs / 1000 % 100_000 / 1e5);

    /// <summary>The first entry of the epoch.</summary>
    public byte[] EpochStart(long timeMs) => Entry(
        EntryKind.Declaration,
        (byte)DeclarationKind.EpochStart,
        0,
        timeMs,
        new EpochStart { HostAttributes = [new("host.name", HostName), new("os.type", "test")] }.Encode());

    /// <summary>The template and the schema as entries.</summary>
    public IReadOnlyList<byte[]> Objects(long timeMs)
    {
        _objectsAt = LastSeq;
        return
        [
            Entry(EntryKind.Object, (byte)ObjectKind.Template, Template.Id.Short, timeMs, ObjectCodec.Pack(Template.Canonical.Span)),
            Entry(EntryKind.Object, (byte)ObjectKind.Schema, Schema.Id.Short, timeMs, ObjectCodec.Pack(Schema.Canonical.Span)),
        ];
    }

    /// <summary>The same entries again, as for another class, connection or copy.</summary>
    public IReadOnlyList<byte[]> ObjectsAgain(long timeMs)
    {
        (ulong last, LastSeq) = (LastSeq, _objectsAt);
        IReadOnlyList<byte[]> objects = Objects(timeMs);
        LastSeq = last;
        return objects;
    }

    /// <summary>A baseline of the ticks before a time as an entry; frames refer to it from now on.</summary>
    /// <param name="timeMs">The time; a multiple of the interval.</param>
    /// <param name="parent">Another baseline of this agent that it is packed against; null to pack it whole.</param>
    public byte[] NewBaseline(long timeMs, Baseline? parent = null)
    {
        var history = new ProfileHistory(Schema, IntervalMs);
        for (long time = timeMs - (20 * IntervalMs); time < timeMs; time += IntervalMs) history.Add(time, ValuesAt(time, 0), Whole);
        Baseline = history.MakeBaseline();
        byte[] payload = parent is null ? ObjectCodec.Pack(Baseline.Canonical.Span) : ObjectCodec.Pack(Baseline.Canonical.Span, parent.Id.Short, parent.Canonical.Span);
        return Entry(EntryKind.Object, (byte)ObjectKind.Baseline, Baseline.Id.Short, timeMs, payload);
    }

    /// <summary>An object with a payload of any bytes.</summary>
    public byte[] Object(ObjectKind kind, ulong objectId, long timeMs, byte[] payload) => Entry(EntryKind.Object, (byte)kind, objectId, timeMs, payload);

    /// <summary>A frame.</summary>
    /// <param name="firstMs">Its first tick.</param>
    /// <param name="ticks">Its ticks.</param>
    /// <param name="seq">Its number; 0 for the next.</param>
    /// <param name="shift">Added to every value: another content under the same name.</param>
    public byte[] Frame(long firstMs, int ticks = 1, ulong seq = 0, double shift = 0)
    {
        var builder = new FrameBuilder(Schema, ticks) { Baseline = Baseline };
        for (int t = 0; t < ticks; t++)
        {
            long time = firstMs + ((long)t * IntervalMs);
            builder.AddTick(time, ValuesAt(time, shift), Whole);
        }

        return builder.Seal(seq == 0 ? ++LastSeq : seq, 0);
    }

    /// <summary>A tombstone over entries of this epoch, which counts their samples unless it knows the names alone.</summary>
    public byte[] Tombstone(ulong first, ulong last, long timeMs, DropReason reason = DropReason.SpoolBudget, long? samples = null)
    {
        var tombstone = new Tombstone { Epoch = Epoch, FirstSeq = first, LastSeq = last, Reason = reason, IsNamesOnly = samples is null, Windows = samples > 0 ? [new(0, samples.Value, 0)] : [] };
        return Entry(EntryKind.Tombstone, 0, 0, timeMs, tombstone.Encode());
    }

    private byte[] Whole => [.. Enumerable.Repeat((byte)1, Schema.SeriesCount)];

    private double[] ValuesAt(long timeMs, double shift) => [.. Enumerable.Range(0, Schema.SeriesCount).Select(s => Value(Number, s, timeMs) + shift)];

    private byte[] Entry(EntryKind kind, byte form, ulong objectId, long timeMs, byte[] payload) =>
        _writer.Write(new EntryHeader { Kind = kind, Form = form, Seq = ++LastSeq, ObjectId = objectId, FirstMs = timeMs }, payload).ToArray();
}
