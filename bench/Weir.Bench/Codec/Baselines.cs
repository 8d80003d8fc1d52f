using Weir.Frames;

namespace Weir.Bench.Codec;

/// <summary>The baselines that an agent makes of a recording, each of the ticks before it.</summary>
internal sealed class Baselines
{
    private readonly List<(int FromTick, Baseline Baseline)> _made = [];
    private readonly Dictionary<ulong, Baseline> _byId = [];

    public Baselines(CodecInput input, FramePlan plan)
    {
        int[] renewals = [.. plan.Renewals()];
        if (renewals.Length == 0) return;
        var history = new ProfileHistory(input.Schema, input.Times.IntervalMs);
        var costs = new List<BaselineCost>();
        var writer = new EntryWriter();
        for (int i = 0, tick = 0; i < renewals.Length; i++)
        {
            for (; tick < renewals[i]; tick++) history.Add(input.TimeMs(tick), input.Values(tick), input.Present(tick));
            byte[] canonical = history.MakeBaseline().Canonical.ToArray();
            // As it arrives: through its bytes.
            Baseline baseline = Baseline.TryParse(canonical) ?? throw new InvalidDataException("a baseline cannot be read back");
            _made.Add((tick, baseline));
            _byId[baseline.Id.Short] = baseline;
            var header = new EntryHeader { Kind = EntryKind.Object, Form = (byte)ObjectKind.Baseline, Seq = (ulong)tick, ObjectId = baseline.Id.Short, FirstMs = input.TimeMs(tick - 1) };
            int until = tick >= FramePlan.FullProfile ? tick + FramePlan.FullProfile : i + 1 < renewals.Length ? renewals[i + 1] : FramePlan.FullProfile;
            costs.Add(new BaselineCost(tick, until - tick, writer.Write(header, ObjectCodec.Pack(canonical)).Length));
        }

        Costs = costs;
    }

    /// <summary>What each costs.</summary>
    public IReadOnlyList<BaselineCost> Costs { get; } = [];

    /// <summary>The baseline in force at a tick; null before the first.</summary>
    public Baseline? At(int tick)
    {
        for (int i = _made.Count - 1; i >= 0; i--)
            if (_made[i].FromTick <= tick) return _made[i].Baseline;
        return null;
    }

    /// <summary>The baseline that a frame names.</summary>
    public Baseline? Named(ulong id) => _byId.GetValueOrDefault(id);

    /// <summary>The bytes that a span of ticks has to bear: of each baseline the share that its time in use has of the time it is made for.</summary>
    public double BytesFor(TickSpan span)
    {
        double bytes = 0;
        foreach (BaselineCost cost in Costs)
        {
            int used = Math.Min(span.End, cost.AfterTicks + cost.ForTicks) - Math.Max(span.First, cost.AfterTicks);
            if (used > 0) bytes += cost.Bytes * (double)used / cost.ForTicks;
        }

        return bytes;
    }
}
