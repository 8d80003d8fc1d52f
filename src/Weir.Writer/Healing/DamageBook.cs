using System.Globalization;
using System.Runtime.InteropServices;
using Weir.Contracts;
using Weir.Log;

namespace Weir.Writer.Healing;

/// <summary>What the writer of a partition must remember of damage: which copies count for nothing, and which entries are lost for good.</summary>
/// <remarks>
/// <para>
/// Invariant: a settled name leaves the settled set only behind a durable row here, and reading the log again passes over the same copies. So the state stays a function of
/// snapshot, log, quarantine and this book, whenever the process ends. <c>HealingTests</c> restarts in between.
/// </para>
/// <para>Bounded: <see cref="MaxRows"/> rows of each kind. A name that finds no room stays settled, and damaged, until others are healed. Not thread-safe.</para>
/// </remarks>
internal sealed class DamageBook
{
    /// <summary>Most rows of each kind; a row is a run of seqs. 10,000 are half a megabyte, written again with each change.</summary>
    public const int MaxRows = 10_000;

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly string _name;
    private readonly Dictionary<(AgentKey Agent, ulong Epoch), List<VoidEntries>> _byEpoch = [];
    private List<VoidEntries> _void;
    private List<MissingEntries> _lost;

    private DamageBook(IFileSystem files, string directory, string name, List<VoidEntries> gone, List<MissingEntries> lost)
    {
        _files = files;
        _directory = directory;
        _name = name;
        _lost = lost;
        _void = gone;
        Index();
    }

    /// <summary>Entries with copies that count for nothing.</summary>
    public IReadOnlyList<VoidEntries> Void => _void;

    /// <summary>Entries that are lost for good.</summary>
    public IReadOnlyList<MissingEntries> Lost => _lost;

    /// <summary>Reads a partition's book; empty where there has been no damage.</summary>
    /// <exception cref="InvalidDataException">Damaged, or of a newer version.</exception>
    public static DamageBook Open(IFileSystem files, string directory, int partition)
    {
        files.CreateDirectory(directory);
        string name = partition.ToString(CultureInfo.InvariantCulture), path = Path.Combine(directory, name);
        if (!files.FileExists(path)) return new DamageBook(files, directory, name, [], []);
        using IFile file = files.Open(path, write: false);
        if (file.Length > DamageBookCodec.MaxBytes) throw DamageBookCodec.Damaged(path);
        var bytes = new byte[file.Length];
        if (file.Read(0, bytes) != bytes.Length) throw DamageBookCodec.Damaged(path);
        (List<VoidEntries> gone, List<MissingEntries> lost) = DamageBookCodec.Decode(bytes, path);
        return new DamageBook(files, directory, name, gone, lost);
    }

    /// <summary>Whether the copy of an entry at a position counts for nothing.</summary>
    public bool IsVoid(in AgentKey agent, ulong epoch, ulong seq, LogClass logClass, long position)
    {
        if (_byEpoch.Count == 0 || !_byEpoch.TryGetValue((agent, epoch), out List<VoidEntries>? rows)) return false;
        foreach (VoidEntries row in rows)
            if (row.Covers(seq, logClass, position)) return true;
        return false;
    }

    /// <summary>The rows of an epoch.</summary>
    public IReadOnlyList<VoidEntries> VoidOf(in AgentKey agent, ulong epoch) => _byEpoch.GetValueOrDefault((agent, epoch)) ?? [];

    /// <summary>The position before which copies of a class count for nothing; 0 where there are none.</summary>
    public long EndOf(LogClass logClass) => _void.Select(row => row.Before.Of(logClass)).DefaultIfEmpty().Max();

    /// <summary>The first and last time that is known of entries with such copies, Unix ms; 0 where none is.</summary>
    public (long FromMs, long ToMs) TimesOf(in AgentKey agent, ulong epoch, ulong first, ulong last)
    {
        VoidEntries[] rows = [.. VoidOf(agent, epoch).Where(row => row.FromMs > 0 && row.Last >= first && row.First <= last)];
        return rows.Length == 0 ? (0, 0) : (rows.Min(static row => row.FromMs), rows.Max(static row => row.ToMs));
    }

    /// <summary>Has copies count for nothing, durably.</summary>
    /// <param name="entries">They, in order.</param>
    /// <returns>How many of them found room.</returns>
    /// <exception cref="IOException">The disk does not take it: nothing has changed.</exception>
    public int Add(IReadOnlyList<VoidEntries> entries)
    {
        List<VoidEntries> rows = [.. _void];
        int taken = 0;
        foreach (VoidEntries each in entries)
        {
            if (rows.Count > 0 && rows[^1].Join(each) is { } joined) rows[^1] = joined;
            else if (rows.Count < MaxRows) rows.Add(each);
            else break;
            taken++;
        }

        Save(rows, _lost);
        return taken;
    }

    /// <summary>Declares entries lost for good, durably.</summary>
    /// <returns>How many rows found room.</returns>
    /// <exception cref="IOException">The disk does not take it: nothing has changed.</exception>
    public int Declare(IReadOnlyList<MissingEntries> entries)
    {
        MissingEntries[] taken = [.. entries.Take(MaxRows - _lost.Count)];
        if (taken.Length > 0) Save(_void, [.. _lost, .. taken]);
        return taken.Length;
    }

    /// <summary>Keeps only what still matters, durably.</summary>
    /// <exception cref="IOException">The disk does not take it: nothing has changed.</exception>
    public void Keep(Func<VoidEntries, bool> isVoid, Func<MissingEntries, bool> isLost)
    {
        if (_void.Count == 0 && _lost.Count == 0) return;
        List<VoidEntries> gone = [.. _void.Where(isVoid)];
        List<MissingEntries> lost = [.. _lost.Where(isLost)];
        if (gone.Count != _void.Count || lost.Count != _lost.Count) Save(gone, lost);
    }

    private void Save(List<VoidEntries> gone, List<MissingEntries> lost)
    {
        _files.Replace(_directory, _name, DamageBookCodec.Encode(gone, lost));
        (_void, _lost) = (gone, lost);
        Index();
    }

    private void Index()
    {
        _byEpoch.Clear();
        foreach (VoidEntries row in _void) (CollectionsMarshal.GetValueRefOrAddDefault(_byEpoch, (row.Agent, row.Epoch), out _) ??= []).Add(row);
    }
}
