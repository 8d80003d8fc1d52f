using System.Globalization;
using System.Security.Cryptography;
using Weir.Frames;

namespace Weir.Bench.Replay;

/// <summary>One host of a replay: an agent with an identity of its own, and the entries that it sends.</summary>
/// <remarks>
/// The entries are those of an agent at its first start: epoch start, templates, schema, frames that close after the plan's ticks or
/// at a minute boundary, baselines after 10, 30, 100 and then every 300 ticks, and a declaration behind each window.
/// </remarks>
internal sealed class ReplayHost
{
    private const long WindowMs = 60_000;

    // When an agent makes baselines; from the last on at multiples of it.
    private static readonly int[] BaselineTicks = [10, 30, 100, 300];

    private readonly ReplayPlan _plan;
    private readonly int _index;
    private Baseline? _baseline;

    /// <summary>Makes a host with a fresh id and epoch.</summary>
    /// <param name="plan">What all hosts share.</param>
    /// <param name="index">Number of the host, from 0.</param>
    public ReplayHost(ReplayPlan plan, int index)
    {
        _plan = plan;
        _index = index;
        Name = NameOf(index);
        Epoch = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    }

    /// <summary>Its <c>host.name</c>.</summary>
    public string Name { get; }

    /// <summary>Its agent id, 16 bytes.</summary>
    public byte[] AgentId { get; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>Its <c>host.id</c>.</summary>
    public string HostId => Convert.ToHexStringLower(AgentId);

    /// <summary>Its epoch.</summary>
    public ulong Epoch { get; }

    /// <summary>The name of a host, from 0.</summary>
    public static string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"replay-{index + 1:00000}");

    /// <summary>Encodes the entries in the order of their seqs, each when it is asked for.</summary>
    public IEnumerable<ReplayEntry> Entries()
    {
        ulong seq = 0;
        var writer = new EntryWriter();
        // Frames ahead of the first baseline name none, also when the entries are encoded once more.
        _baseline = null;
        foreach (ReplayEntry entry in Head(writer))
        {
            seq = entry.Seq;
            yield return entry;
        }

        var window = new WindowAccount(_plan.Schema.SeriesCount);
        ProfileHistory history = _plan.BorrowHistory();
        int nextBaseline = 0;
        for (int first = 0; first < _plan.Seconds;)
        {
            if (nextBaseline < BaselineTicks.Length ? first >= BaselineTicks[nextBaseline] : first >= BaselineTicks[^1] * (nextBaseline - BaselineTicks.Length + 2))
            {
                nextBaseline++;
                yield return NewBaseline(writer, ++seq, history);
            }

            int end = FrameEnd(first);
            for (int tick = first; tick < end; tick++) history.Add(_plan.TimeOf(tick), _plan.Values(_index, tick), _plan.Present(_index, tick));
            yield return Frame(++seq, first, end, window);
            first = end;
            if (end < _plan.Seconds && WindowOf(end) == WindowOf(end - 1)) continue;
            var header = new EntryHeader
            {
                Kind = EntryKind.Declaration, Form = (byte)DeclarationKind.Window, Seq = ++seq, FirstMs = WindowOf(end - 1) * WindowMs,
            };
            yield return new ReplayEntry(seq, EntryKind.Declaration, 0, end - 1, writer.Write(header, window.Close()).ToArray());
        }

        _plan.GiveBack(history);
    }

    private long WindowOf(int tick) => _plan.TimeOf(tick) / WindowMs;

    // A frame never crosses a minute: its samples belong to one window.
    private int FrameEnd(int first)
    {
        int end = first + 1;
        while (end < _plan.Seconds && end - first < _plan.TicksPerFrame && WindowOf(end) == WindowOf(first)) end++;
        return end;
    }

    private ReplayEntry Frame(ulong seq, int first, int end, WindowAccount window)
    {
        (FrameBuilder builder, FrameEncoder encoder) = _plan.Borrow();
        builder.Baseline = _baseline;
        for (int tick = first; tick < end; tick++)
            window.Digest += builder.AddTick(_plan.TimeOf(tick), _plan.Values(_index, tick), _plan.Present(_index, tick));
        int samples = builder.SampleCount;
        window.Ticks += end - first;
        window.Samples += samples;
        byte[] bytes = encoder.Seal(builder, seq, clockGeneration: 0).ToArray();
        _plan.GiveBack(builder, encoder);
        return new ReplayEntry(seq, EntryKind.Samples, samples, end - 1, bytes);
    }

    private ReplayEntry NewBaseline(EntryWriter writer, ulong seq, ProfileHistory history)
    {
        _baseline = history.MakeBaseline();
        return Object(writer, seq, ObjectKind.Baseline, _baseline.Id, _baseline.Canonical);
    }

    /// <summary>Its first entry: who it is.</summary>
    public ReplayEntry EpochStart()
    {
        var start = new EpochStart { HostAttributes = [new("host.name", Name), new("host.id", HostId)] };
        var header = new EntryHeader
        {
            Kind = EntryKind.Declaration, Form = (byte)DeclarationKind.EpochStart, Seq = 1, FirstMs = _plan.FirstTickMs,
        };
        return new ReplayEntry(1, EntryKind.Declaration, 0, -1, new EntryWriter().Write(header, start.Encode()).ToArray());
    }

    private IEnumerable<ReplayEntry> Head(EntryWriter writer)
    {
        yield return EpochStart();
        ulong seq = 1;
        foreach (Template template in _plan.Schema.Parts.Select(static part => part.Template))
            yield return Object(writer, ++seq, ObjectKind.Template, template.Id, template.Canonical);
        yield return Object(writer, ++seq, ObjectKind.Schema, _plan.Schema.Id, _plan.Schema.Canonical);
    }

    private static ReplayEntry Object(EntryWriter writer, ulong seq, ObjectKind kind, ContentId id, ReadOnlyMemory<byte> canonical)
    {
        var header = new EntryHeader { Kind = EntryKind.Object, Form = (byte)kind, Seq = seq, ObjectId = id.Short };
        return new ReplayEntry(seq, EntryKind.Object, 0, -1, writer.Write(header, ObjectCodec.Pack(canonical.Span)).ToArray());
    }
}
