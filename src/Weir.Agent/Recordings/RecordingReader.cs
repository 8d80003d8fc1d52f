using Weir.Agent.Configuration;
using Weir.Agent.Identity;
using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Recordings;

/// <summary>Reads a recording into memory, group by group.</summary>
internal sealed class RecordingReader : IDisposable
{
    /// <summary>Most samples of a recording: 16 million take some 150 MB.</summary>
    public const long MaxSamples = 1L << 24;

    private readonly FrameDecoder _decoder = new();
    private readonly DecodedFrame _frame = new();
    private readonly Dictionary<ulong, byte[]> _canonical = [];
    private readonly Dictionary<ulong, Template> _templates = [];
    private readonly Dictionary<ulong, Schema> _schemas = [];
    private readonly Dictionary<ulong, Baseline> _baselines = [];
    private readonly Dictionary<Schema, RecordedShape> _shapes = [];
    private readonly Dictionary<(string Group, long IntervalMs), RecordedGroup> _groups = [];
    private long _samples;

    /// <summary>Frames that could not be read: damaged, or without what they need.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The recording.</param>
    /// <exception cref="RecordingException">It is none, or holds no ticks, or too many.</exception>
    public async Task<IReadOnlyList<RecordedGroup>> ReadAsync(string path)
    {
        string directory = Directory.CreateTempSubdirectory("weir-recording-").FullName;
        try
        {
            using (FileStream file = File.OpenRead(path)) RecordingFile.Unpack(file, directory);
            SpoolInspection spool = SpoolInspection.Open(new PhysicalFileSystem(), directory);
            await using (spool.ConfigureAwait(false))
            {
                foreach ((SpooledEntry entry, byte[] bytes, bool isDamaged) in spool.Entries()) Take(entry.Header, bytes, isDamaged);
            }
        }
        catch (AgentDataException e)
        {
            throw new RecordingException($"not a recording: {e.Message}", e);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        if (_groups.Count == 0) throw new RecordingException("the recording holds no ticks");
        foreach (RecordedGroup group in _groups.Values) group.Ticks.Sort(static (a, b) => a.TimeMs.CompareTo(b.TimeMs));
        return [.. _groups.Values];
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private void Take(in EntryHeader header, byte[] bytes, bool isDamaged)
    {
        if (header.Kind is not (EntryKind.Object or EntryKind.Samples)) return;
        bool isGood = !isDamaged && bytes.Length > 0 && (header.Kind == EntryKind.Object ? TryTakeObject(header, bytes.AsSpan(header.HeaderBytes)) : TryTakeFrame(header, bytes));
        if (!isGood && header.Kind == EntryKind.Samples) Unreadable++;
    }

    private bool TryTakeObject(in EntryHeader header, ReadOnlySpan<byte> payload)
    {
        if (ObjectCodec.TryUnpack(payload, id => _canonical.TryGetValue(id, out byte[]? known) ? known : (ReadOnlyMemory<byte>?)null) is not { } canonical) return false;
        _canonical[header.ObjectId] = canonical;
        switch ((ObjectKind)header.Form)
        {
            case ObjectKind.Template when Template.TryParse(canonical) is { } template:
                _templates[header.ObjectId] = template;
                return true;
            case ObjectKind.Schema when Schema.TryParse(canonical, id => _templates.GetValueOrDefault(id.Short)) is { } schema:
                _schemas[header.ObjectId] = schema;
                if (Shape(schema) is { } shape) _shapes[schema] = shape;
                return true;
            case ObjectKind.Baseline when Baseline.TryParse(canonical) is { } baseline:
                _baselines[header.ObjectId] = baseline;
                return true;
            default:
                return false;
        }
    }

    // A group's last series is its own skew, whose attribute is the group's name with its interval: the replay has one of its own.
    private static RecordedShape? Shape(Schema schema)
    {
        if (schema.Parts.FirstOrDefault(static part => part.Template.Id == AgentTemplates.Tick.Id) is not { } skew) return null;
        string name = skew.Instances[0][0];
        int slash = name.LastIndexOf('/');
        if (slash < 0 || !Duration.TryParse(name[(slash + 1)..], out TimeSpan interval)) return null;
        return new RecordedShape([.. schema.Parts.Where(part => part != skew)], name[..slash], (long)interval.TotalMilliseconds);
    }

    private bool TryTakeFrame(in EntryHeader header, byte[] bytes)
    {
        Baseline? baseline = null;
        if (header.Form == (byte)CodecId.Profiled && !_baselines.TryGetValue(header.ObjectId, out baseline)) return false;
        if (!_schemas.TryGetValue(baseline?.SchemaId.Short ?? header.ObjectId, out Schema? schema)) return false;
        if (!_shapes.TryGetValue(schema, out RecordedShape? shape) || _decoder.Decode(bytes, header, schema, baseline, _frame) != EntryError.None) return false;
        (IReadOnlyList<SchemaPart> parts, string name, long intervalMs) = shape;
        int series = parts.Sum(static part => part.SeriesCount);
        _samples += (long)series * _frame.Ticks;
        if (_samples > MaxSamples) throw new RecordingException($"the recording holds more than {MaxSamples} samples: record for a shorter time");
        if (!_groups.TryGetValue((name, intervalMs), out RecordedGroup? group)) _groups.Add((name, intervalMs), group = new RecordedGroup(name, intervalMs));
        for (int tick = 0; tick < _frame.Ticks; tick++) group.Ticks.Add(CopyTick(parts, series, tick));
        return true;
    }

    private RecordedTick CopyTick(IReadOnlyList<SchemaPart> parts, int series, int tick)
    {
        var values = new double[series];
        var present = new byte[series];
        for (int s = 0; s < series; s++)
        {
            values[s] = _frame.Values(s)[tick];
            present[s] = _frame.Present(s)[tick];
        }

        return new RecordedTick(parts, _frame.TimesMs[tick], values, present);
    }

    private sealed record RecordedShape(IReadOnlyList<SchemaPart> Parts, string Group, long IntervalMs);
}
