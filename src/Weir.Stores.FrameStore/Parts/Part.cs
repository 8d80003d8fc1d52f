using Weir.Frames;
using Weir.Log;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>An open part: what of it is held in memory, 32 bytes per host and the schemas.</summary>
/// <remarks>Immutable but for its entry in the manifest, and safe to share. Holds no file handle. One that is damaged has no rows.</remarks>
internal sealed class Part
{
    private static readonly int EmptyListBytes = PartSection.Pack(UnreadableFrame.WriteList([])).Length;

    private readonly PartRow[] _rows;
    private readonly int[][] _schemaSets;
    private PartInfo _info;

    private Part(IFileSystem files, string path, PartInfo info, PartDamage damage, Schema[] schemas, PartRow[] rows, int[][] schemaSets, PartSection unreadableFrames)
    {
        Files = files;
        Path = path;
        _info = info;
        Damage = damage;
        Schemas = schemas;
        _rows = rows;
        _schemaSets = schemaSets;
        UnreadableFrames = unreadableFrames;
    }

    /// <summary>Where its file is.</summary>
    public IFileSystem Files { get; }

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>Its entry in the manifest.</summary>
    public PartInfo Info
    {
        get => Volatile.Read(ref _info);
        set => Volatile.Write(ref _info, value);
    }

    /// <summary>What kept it from being opened.</summary>
    public PartDamage Damage { get; }

    /// <summary>Its schemas, by index.</summary>
    public IReadOnlyList<Schema> Schemas { get; }

    /// <summary>Its rows, by ordinal of the host in the partition.</summary>
    public ReadOnlySpan<PartRow> Rows => _rows;

    /// <summary>The list of frames that could not be decoded.</summary>
    public PartSection UnreadableFrames { get; }

    /// <summary>Whether that list names any.</summary>
    public bool HasUnreadableFrames => UnreadableFrames.Length > EmptyListBytes;

    /// <summary>Where blocks and directories end.</summary>
    public long DataEnd => Info.Bytes - PartFooter.Bytes;

    /// <summary>Opens a part: reads header, footer, host table and objects, and nothing else.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="directory">The directory of parts.</param>
    /// <param name="info">What the manifest says of it.</param>
    /// <param name="schemas">Schemas that are held already.</param>
    /// <param name="takeHost">Takes each host and gives its ordinal.</param>
    public static Part Open(IFileSystem files, string directory, PartInfo info, SchemaTable schemas, Func<PartHostRow, int> takeHost)
    {
        string path = System.IO.Path.Combine(directory, PartFormat.FileName(info.Number));
        PartDamage damage = PartFile.TryOpen(files, path, info, schemas, out PartContent? content);
        if (content is null) return new Part(files, path, info, damage, [], [], [], default);
        var rows = new PartRow[content.Rows.Count];
        var sets = new SchemaSets();
        for (int i = 0; i < rows.Length; i++)
        {
            PartHostRow row = content.Rows[i];
            rows[i] = new PartRow(takeHost(row), (int)(row.NewestMs - info.HourMs), sets.IndexOf(row.Schemas), row.Directory.Offset, row.Directory.Length, row.Directory.Crc);
        }

        Array.Sort(rows, static (a, b) => a.Host != b.Host ? a.Host.CompareTo(b.Host) : a.Offset.CompareTo(b.Offset));
        return new Part(files, path, info, PartDamage.None, content.Schemas, rows, sets.ToArray(), content.Footer.UnreadableFrames);
    }

    /// <summary>Indexes of the schemas that a row's directory speaks of.</summary>
    public ReadOnlySpan<int> SchemasOf(in PartRow row) => _schemaSets[row.SchemaSet];

    /// <summary>The rows of a host.</summary>
    public ReadOnlySpan<PartRow> RowsOf(int host)
    {
        int low = 0, high = _rows.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_rows[middle].Host < host) low = middle + 1;
            else high = middle;
        }

        int end = low;
        while (end < _rows.Length && _rows[end].Host == host) end++;
        return _rows.AsSpan(low, end - low);
    }
}

/// <summary>A host in a part, as it is held in memory.</summary>
/// <param name="Host">Ordinal of the host in the partition.</param>
/// <param name="NewestMs">Its newest tick, ms from the start of the hour.</param>
/// <param name="SchemaSet">Which of the part's sets of schemas its directory speaks of.</param>
/// <param name="Offset">Where its directory stands.</param>
/// <param name="Length">Bytes of the directory.</param>
/// <param name="Crc">Their CRC-32C.</param>
internal readonly record struct PartRow(int Host, int NewestMs, int SchemaSet, long Offset, int Length, uint Crc)
{
    /// <summary>Where the directory stands.</summary>
    public PartSection Directory => new(Offset, Length, Crc);
}
