using Weir.Frames;
using Weir.Log;
using Weir.Scenarios.Replay;
using Weir.TestKit.Recordings;

namespace Weir.Scenarios.Oracle;

/// <summary>The samples of frames, decoded with the objects of their agent, as <c>weir query --output csv</c> must give them.</summary>
/// <remarks>Of two values for one series and time the one of the highest clock generation, start, seq and epoch counts, in this order.</remarks>
internal sealed class SampleSet : IDisposable
{
    private readonly Dictionary<AgentId, AgentObjects> _objects = [];
    private readonly Dictionary<(string Series, long TimeMs), ((uint, uint, ulong, ulong) Rank, ulong Bits)> _samples = [];
    private readonly FrameDecoder _decoder = new();
    private readonly DecodedFrame _frame = new();

    /// <summary>Samples that lost to another of the same series and time.</summary>
    public long Superseded { get; private set; }

    /// <summary>Bits of each value by series and time.</summary>
    public Dictionary<(string Series, long TimeMs), ulong> Values => _samples.ToDictionary(static pair => pair.Key, static pair => pair.Value.Bits);

    /// <summary>Takes what an agent made, all of it: objects first.</summary>
    public void AddObjects(IEnumerable<KeyValuePair<EntryName, MadeEntry>> entries)
    {
        foreach (IGrouping<AgentId, KeyValuePair<EntryName, MadeEntry>> agent in entries.GroupBy(static pair => pair.Key.Agent))
            _objects[agent.Key] = AgentObjects.Read(agent.OrderBy(static pair => pair.Value.StartNumber).ThenBy(static pair => pair.Key.Seq).Select(static pair => pair.Value.Bytes));
    }

    /// <summary>Decodes a frame.</summary>
    public void AddFrame(in EntryName name, MadeEntry entry)
    {
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry.Bytes, out EntryHeader header));
        AgentObjects objects = _objects[name.Agent];
        Baseline? baseline = header.Form == (byte)CodecId.Profiled ? objects.Baselines[header.ObjectId] : null;
        ulong schemaId = baseline?.SchemaId.Short ?? header.ObjectId;
        Assert.Equal(EntryError.None, _decoder.Decode(entry.Bytes, header, objects.Schemas[schemaId], baseline, _frame));
        string[] series = objects.SeriesOf(schemaId, name.Agent);
        (uint, uint, ulong, ulong) rank = (header.ClockGeneration, entry.StartNumber, name.Seq, name.Epoch);
        for (int s = 0; s < _frame.Series; s++)
            for (int t = 0; t < _frame.Ticks; t++)
                if (_frame.Present(s)[t] == 1) Add((series[s], _frame.TimesMs[t]), rank, ReplayExpectation.Bits(_frame.Values(s)[t]));
    }

    public void Dispose() => _decoder.Dispose();

    private void Add((string, long) key, (uint, uint, ulong, ulong) rank, ulong bits)
    {
        if (_samples.TryGetValue(key, out ((uint, uint, ulong, ulong) Rank, ulong) known))
        {
            Superseded++;
            if (known.Rank.CompareTo(rank) > 0) return;
        }

        _samples[key] = (rank, bits);
    }
}
