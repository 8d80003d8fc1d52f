using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Weir.Contracts;
using Weir.Frames;
using Weir.Log;

namespace Weir.Writer.Healing;

/// <summary>Brings back what damage took out of one partition: names it, has its copies count for nothing, asks the agents for it, declares lost what they no longer hold.</summary>
/// <remarks>
/// One law covers all damage: a name that is not settled though its epoch has gone beyond it is missing, and what is missing is asked for. So a segment that is gone with its index needs no more
/// than a frame with a flipped bit. Driven by the partition's loop. Not thread-safe.
/// </remarks>
internal sealed class Healer(int partition, PartitionState state, IStorePartition store, DamageBook book, ILogReader[] readers, WriterOptions options, WriterServices services)
{
    private readonly Resends _resends = new(partition, book, options, services);
    private readonly List<VoidEntries> _unsaved = [];
    private readonly List<DamagedFrame> _found = [];
    private readonly Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> _missing = [];
    private byte[] _buffer = [];
    private long _skipped;
    private bool _isTold;
    private bool _isFull;

    /// <summary>An entry that is not settled cannot be read.</summary>
    /// <param name="agent">Whose.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="entry">Its header, as the index has it.</param>
    /// <param name="before">Where the writer stands.</param>
    public void Unreadable(in AgentKey agent, ulong epoch, in EntryHeader entry, LogPositions before)
    {
        bool isFrame = entry.Kind == EntryKind.Samples;
        _unsaved.Add(new VoidEntries(agent, epoch, entry.Seq, entry.Seq, before, isFrame ? entry.FirstMs : 0, isFrame ? entry.LastGridMs : 0));
    }

    /// <summary>Makes durable which entries could not be read.</summary>
    /// <exception cref="IOException">The disk does not take it: they wait.</exception>
    public void Save()
    {
        if (_unsaved.Count == 0) return;
        Take(book.Add(_unsaved), _unsaved);
        _unsaved.Clear();
    }

    /// <summary>Has the names of what is damaged leave the set, without asking anybody. Before each move of the progress: a name that the snapshot holds is never asked for again.</summary>
    /// <exception cref="IOException">The disk does not take what is to be remembered: the progress must not move, and the next call goes on with it.</exception>
    public void GiveUp()
    {
        Save();
        GiveUpDamaged();
    }

    /// <summary>Looks once for what is damaged and what is missing.</summary>
    /// <exception cref="IOException">The disk does not take what is to be remembered: the next look goes on with it.</exception>
    public void Heal()
    {
        GiveUp();
        NameSkipped();
        ForgetFound();
        CollectMissing();
        IReadOnlyList<MissingEntries> lost = _resends.Run(_missing);
        if (lost.Count > 0 && book.Declare(lost) < lost.Count) TellFull();
        TellStore();
    }

    /// <summary>Tells the store what damage took and has not come again, without asking anybody.</summary>
    public void Tell()
    {
        CollectMissing();
        TellStore();
    }

    /// <summary>The store holds everything before some positions elsewhere: rows that only spoke of what stood there go.</summary>
    public void Advanced(LogPositions to) => book.Keep(row => !to.Cover(row.Before) || IsMissing(row), static _ => true);

    // A settled name leaves the set only when that is on disk; before it, nobody is asked for a copy.
    private void GiveUpDamaged()
    {
        // What a full disk has not taken comes first; what the store finds meanwhile waits there, bounded.
        if (_found.Count == 0) _found.AddRange(store.TakeDamaged().Where(frame => IsSettled(frame) && IsDamaged(frame)));
        if (_found.Count == 0) return;
        var before = new LogPositions(readers[(int)LogClass.Live].Position, readers[(int)LogClass.Backfill].Position);
        _found.Sort(static (a, b) => (a.Agent.Agent.High, a.Agent.Agent.Low, a.Epoch, a.Seq).CompareTo((b.Agent.Agent.High, b.Agent.Agent.Low, b.Epoch, b.Seq)));
        VoidEntries[] rows = [.. _found.Select(frame => new VoidEntries(frame.Agent, frame.Epoch, frame.Seq, frame.Seq, before, frame.FirstMs, frame.LastMs))];
        int taken = book.Add(rows);
        List<DamagedFrame> given = _found[..taken];
        foreach (DamagedFrame frame in given) state.Agents[frame.Agent].Epoch(frame.Epoch).Unsettle(frame.Seq);
        store.Forget(given);
        _found.Clear();
        Take(taken, rows);
    }

    private void Take(int taken, IReadOnlyList<VoidEntries> rows)
    {
        if (taken < rows.Count) TellFull();
        services.Metrics.Damaged(rows.Count);
        services.Logger.DamageFound(partition, rows.Count, rows[0].Agent.Agent.ToString(), rows[0].Epoch, rows[0].First);
        foreach (VoidEntries row in rows.Take(taken)) _resends.Hurry(row.Agent, row.Epoch);
    }

    private bool IsSettled(in DamagedFrame frame) =>
        frame.Position >= store.Progress.Positions.Of(frame.LogClass)
        // A record that is to be applied again settles its names again.
        && frame.Position < readers[(int)frame.LogClass].Position
        && state.Agents.TryGetValue(frame.Agent, out AgentState? agent) && agent.Epochs.TryGetValue(frame.Epoch, out EpochState? epoch) && epoch.Stored.Contains(frame.Seq);

    // A disk may fail once: what it gives now is not damaged, and what it does not give now may not be; the store finds that again.
    private bool IsDamaged(in DamagedFrame frame)
    {
        if (_buffer.Length < frame.Length) _buffer = new byte[frame.Length];
        Span<byte> bytes = _buffer.AsSpan(0, frame.Length);
        try
        {
            return !readers[(int)frame.LogClass].TryReadPayload(frame.Position, bytes) || EntryHeader.TryRead(bytes, out EntryHeader header) != EntryError.None || header.Seq != frame.Seq;
        }
        catch (LogException e) when (e.Error == LogError.ReadFailed)
        {
            return false;
        }
    }

    private void CollectMissing()
    {
        _missing.Clear();
        var lost = new Dictionary<(AgentKey Agent, ulong Epoch), SeqSet>();
        foreach (MissingEntries row in book.Lost) (CollectionsMarshal.GetValueRefOrAddDefault(lost, (row.Agent, row.Epoch), out _) ??= new SeqSet()).Add(row.First, row.Last);
        foreach ((AgentKey agent, AgentState known) in state.Agents)
            foreach ((ulong epoch, EpochState each) in known.Epochs)
                if (!IsOver(each) && each.Holes(lost.GetValueOrDefault((agent, epoch))) is { } holes) _missing[(agent, epoch)] = holes;
    }

    // What came after all is lost no longer, and what would be older than anything that is kept is not missed.
    private void ForgetFound() =>
        book.Keep(static _ => true, row => HolesIn(row.Agent, row.Epoch, row.First, row.Last) is { } holes && holes.ContainsAll(row.First, row.Last));

    private bool IsOver(EpochState epoch) =>
        options.Horizon.Back is { } back && epoch.NewestMs > 0 && epoch.NewestMs < services.Time.GetUtcNow().ToUnixTimeMilliseconds() - (long)back.TotalMilliseconds;

    private void TellStore()
    {
        if (!_isTold && book.Void.Count == 0 && book.Lost.Count == 0) return;
        var missing = new List<MissingEntries>(book.Lost);
        foreach (VoidEntries row in book.Void)
        {
            if (row.FromMs == 0 || !_missing.TryGetValue((row.Agent, row.Epoch), out SeqSet? holes)) continue;
            foreach ((ulong first, ulong last) in holes.Ranges)
                if (last >= row.First && first <= row.Last) missing.Add(new MissingEntries(row.Agent, row.Epoch, Math.Max(first, row.First), Math.Min(last, row.Last), row.FromMs, row.ToMs, IsLost: false));
        }

        _isTold = missing.Count > 0;
        store.TakeMissing(missing);
    }

    private bool IsMissing(VoidEntries row)
    {
        if (HolesIn(row.Agent, row.Epoch, row.First, row.Last) is not { } holes) return false;
        foreach (MissingEntries lost in book.Lost)
            if (lost.Agent == row.Agent && lost.Epoch == row.Epoch) holes.Remove(lost.First, lost.Last);
        return holes.Ranges.Count > 0;
    }

    private SeqSet? HolesIn(in AgentKey agent, ulong epoch, ulong first, ulong last) =>
        state.Agents.TryGetValue(agent, out AgentState? known) && known.Epochs.TryGetValue(epoch, out EpochState? each) && !IsOver(each) ? each.HolesIn(first, last) : null;

    private void NameSkipped()
    {
        long skipped = readers.Sum(static reader => reader.SkippedBytes);
        if (skipped > _skipped) services.Logger.BytesSkipped(partition, skipped - _skipped);
        _skipped = skipped;
    }

    private void TellFull()
    {
        if (!_isFull) services.Logger.DamageBookFull(partition, DamageBook.MaxRows);
        _isFull = true;
    }
}
