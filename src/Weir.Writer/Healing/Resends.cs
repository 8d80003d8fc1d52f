using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Writer.Healing;

/// <summary>Asks the agents of one partition for entries that are missing, until they have come or the agent no longer holds them.</summary>
/// <remarks>
/// Nothing of it is on disk: what is missing follows from the state, so that a restart asks anew. Bounded: <see cref="MaxEpochs"/> epochs at a time, the others wait their turn, and those whose
/// agents are away, tried and not reached since entries came last, give it to them;
/// <see cref="MaxRanges"/> ranges in a directive, the others follow once these have come; after <see cref="MaxSent"/> directives to the agent itself that brought nothing the entries are lost. Not thread-safe, but for the
/// agents' answers.
/// </remarks>
internal sealed class Resends(int partition, DamageBook book, WriterOptions options, WriterServices services)
{
    /// <summary>Epochs asked for at a time.</summary>
    public const int MaxEpochs = 4096;

    /// <summary>Ranges of one directive.</summary>
    public const int MaxRanges = 256;

    /// <summary>Directives to the agent without effect before entries are lost: with the delays between them about an hour of a connected agent.</summary>
    public const int MaxSent = 8;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Expiry = TimeSpan.FromHours(1);

    private readonly Dictionary<(AgentKey Agent, ulong Epoch), Ask> _asks = [];
    private readonly ConcurrentQueue<(AgentKey Agent, ulong Epoch, (ulong First, ulong Last)[] Ranges)> _refused = [];
    private readonly List<MissingEntries> _lost = [];
    private readonly List<(AgentKey Agent, ulong Epoch)> _waiting = [];
    private long _pass;
    private long _missing;

    /// <summary>New damage of an epoch has been found: no reason to wait.</summary>
    public void Hurry(in AgentKey agent, ulong epoch)
    {
        if (!_asks.TryGetValue((agent, epoch), out Ask? ask)) return;
        (ask.Due, ask.Attempts, ask.Sent) = (Now, 0, 0);
    }

    /// <summary>Looks at all that is missing now, and asks where it is time.</summary>
    /// <returns>What has proved lost.</returns>
    public IReadOnlyList<MissingEntries> Run(Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> missing)
    {
        _lost.Clear();
        _pass++;
        while (_refused.TryDequeue(out var refused)) TakeRefusal(refused.Agent, refused.Epoch, refused.Ranges, missing);
        ulong all = 0;
        foreach (((AgentKey agent, ulong epoch), SeqSet holes) in missing)
        {
            ulong count = Count(holes);
            all += count;
            if (count == 0) continue;
            if (_asks.TryGetValue((agent, epoch), out Ask? ask)) Look(agent, epoch, holes, count, ask);
            else _waiting.Add((agent, epoch));
        }

        TakePlaces(missing);

        foreach (((AgentKey agent, ulong epoch), Ask ask) in _asks.Where(pair => pair.Value.Pass != _pass).ToArray())
        {
            _asks.Remove((agent, epoch));
            if (ask.IsAsked) services.Logger.Healed(partition, agent.Agent.ToString(), epoch, ask.Missing);
        }

        long now = (long)Math.Min(all, long.MaxValue);
        services.Metrics.Missing(now - _missing);
        _missing = now;
        return _lost;
    }

    private long Now => services.Time.GetTimestamp();

    // Behind the others: whoever is away has just been tried once more, if it was time.
    private void TakePlaces(Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> missing)
    {
        if (_waiting.Count == 0) return;
        int free = MaxEpochs - _asks.Count;
        var away = new Queue<(AgentKey, ulong)>(_waiting.Count <= free ? [] : _asks.Where(static pair => pair.Value is { Attempts: > 0, Sent: 0 }).OrderBy(static pair => pair.Value.ChangedAt).Select(static pair => pair.Key));
        foreach ((AgentKey agent, ulong epoch) in _waiting)
        {
            if (_asks.Count >= MaxEpochs && !(away.TryDequeue(out (AgentKey, ulong) gone) && _asks.Remove(gone))) break;
            SeqSet holes = missing[(agent, epoch)];
            Look(agent, epoch, holes, Count(holes), _asks[(agent, epoch)] = new Ask { Missing = Count(holes), ChangedAt = Now, Due = Now });
        }

        _waiting.Clear();
    }

    private void Look(in AgentKey agent, ulong epoch, SeqSet holes, ulong count, Ask ask)
    {
        ask.Pass = _pass;
        // A backlog that comes closes its gaps by itself.
        if (count < ask.Missing) (ask.ChangedAt, ask.Attempts, ask.Sent) = (Now, 0, 0);
        ask.Missing = count;
        if (Now < ask.Due) return;
        bool isPatient = services.Time.GetElapsedTime(ask.ChangedAt) >= options.GapPatience;
        (ulong First, ulong Last)[] ranges = [.. (isPatient ? holes.Ranges : DamagedOf(agent, epoch, holes).Ranges).Take(MaxRanges)];
        if (ranges.Length == 0) return;
        if (ask.Sent >= MaxSent) Lose(agent, epoch, ranges, holes, "the agent says it sends them, and they do not come");
        else Send(agent, epoch, ranges, ask);
    }

    // Known to be damaged, not only late.
    private SeqSet DamagedOf(in AgentKey agent, ulong epoch, SeqSet holes)
    {
        var damaged = new SeqSet();
        foreach (VoidEntries row in book.VoidOf(agent, epoch))
            foreach ((ulong first, ulong last) in holes.Ranges)
                if (Math.Max(first, row.First) <= Math.Min(last, row.Last)) damaged.Add(Math.Max(first, row.First), Math.Min(last, row.Last));
        return damaged;
    }

    private void Send(AgentKey agent, ulong epoch, (ulong First, ulong Last)[] ranges, Ask ask)
    {
        TimeSpan delay = FirstDelay * Math.Pow(2, Math.Min(ask.Attempts++, 10));
        if (delay > LongestDelay) delay = LongestDelay;
        ask.Due = Now + (long)(delay.TotalSeconds * services.Time.TimestampFrequency);
        var directive = new Directive
        {
            Id = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
            Issuer = "writer",
            ExpiresMs = services.Time.GetUtcNow().Add(Expiry).ToUnixTimeMilliseconds(),
            Resend = new Resend { Epoch = epoch, Seqs = { ranges.Select(static range => new SeqRange { First = range.First, Last = range.Last }) } },
        };
        DirectiveReach reached = services.Directives.TrySend(agent.Tenant, agent.Agent, directive, result => TakeAnswer(agent, epoch, ranges, result.Status));
        if (reached == DirectiveReach.None) return;
        ask.IsAsked = true;
        // An heir brings what was copied with it. What it does not hold or bring the agent, once it is back, may.
        if (reached == DirectiveReach.Agent) ask.Sent++;
        ulong entries = Count(ranges);
        services.Metrics.Asked((long)Math.Min(entries, long.MaxValue));
        services.Logger.AskedAgain(partition, entries, agent.Agent.ToString(), epoch, ranges[0].First, ranges[^1].Last, ask.Sent, MaxSent);
    }

    // What it holds only some of it sends; the rest is asked for again, and refused then.
    private void TakeAnswer(AgentKey agent, ulong epoch, (ulong First, ulong Last)[] ranges, DirectiveStatus status)
    {
        if (status == DirectiveStatus.Refused) _refused.Enqueue((agent, epoch, ranges));
    }

    private void TakeRefusal(in AgentKey agent, ulong epoch, (ulong First, ulong Last)[] ranges, Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> missing)
    {
        if (missing.TryGetValue((agent, epoch), out SeqSet? holes)) Lose(agent, epoch, ranges, holes, "the agent's spool no longer holds them");
    }

    private void Lose(in AgentKey agent, ulong epoch, (ulong First, ulong Last)[] ranges, SeqSet holes, string reason)
    {
        ulong count = 0;
        foreach ((ulong from, ulong to) in ranges)
        {
            foreach ((ulong first, ulong last) in holes.Ranges.Where(hole => hole.Last >= from && hole.First <= to).Select(hole => (Math.Max(hole.First, from), Math.Min(hole.Last, to))).ToArray())
            {
                (long fromMs, long toMs) = book.TimesOf(agent, epoch, first, last);
                _lost.Add(new MissingEntries(agent, epoch, first, last, fromMs, toMs, IsLost: true));
                holes.Remove(first, last);
                count += last - first + 1;
            }
        }

        if (count == 0) return;
        services.Metrics.Lost((long)Math.Min(count, long.MaxValue));
        services.Logger.LostForGood(partition, count, agent.Agent.ToString(), epoch, ranges[0].First, ranges[^1].Last, reason);
    }

    private static ulong Count(SeqSet holes) => Count(holes.Ranges);

    private static ulong Count(IEnumerable<(ulong First, ulong Last)> ranges)
    {
        ulong count = 0;
        foreach ((ulong first, ulong last) in ranges) count += last - first + 1;
        return count;
    }
}
