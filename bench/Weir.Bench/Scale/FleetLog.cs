using Weir.Frames;
using Weir.Log;

namespace Weir.Bench.Scale;

/// <summary>Writes entries of many hosts straight into a log, a record each, as a gateway would.</summary>
internal sealed class FleetLog(ILog log, int hosts)
{
    /// <summary>The tenant of every host.</summary>
    public const string Tenant = "default";

    // Appends under way: enough that one flush serves many, few enough for the log's own bound.
    private const int MostUnderWay = 4096;

    private readonly RecordBuilder _record = new();
    private readonly List<Task> _underWay = [];

    /// <summary>Entries written.</summary>
    public long Entries { get; private set; }

    /// <summary>Frames among them.</summary>
    public long Frames { get; private set; }

    /// <summary>Bytes of baselines.</summary>
    public long BaselineBytes { get; private set; }

    /// <summary>The agent of a host.</summary>
    public static AgentId IdOf(int host) => new(0x7363_616c_6500_0000, (ulong)host + 1);

    /// <summary>Appends the same entries for every host, one record an entry.</summary>
    public async Task AppendAsync(IReadOnlyList<byte[]> entries, long receivedMs, CancellationToken cancellationToken)
    {
        foreach (byte[] entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (EntryHeader.TryRead(entry, out EntryHeader header) != EntryError.None) throw new InvalidDataException("an entry that was just made cannot be read");
            for (int host = 0; host < hosts; host++)
            {
                AgentId id = IdOf(host);
                _record.Begin(new RecordHeader { Tenant = Tenant, AgentId = id, Epoch = 1, StartNumber = 1, ReceivedMs = receivedMs });
                _record.Add(entry, header.HeaderBytes);
                _underWay.Add(log.AppendAsync(LogClass.Live, id.Partition(log.PartitionCount), _record));
                if (_underWay.Count >= MostUnderWay) await SettleAsync();
            }

            Entries += hosts;
            if (header.Kind == EntryKind.Samples) Frames += hosts;
            if (header is { Kind: EntryKind.Object, Form: (byte)ObjectKind.Baseline }) BaselineBytes += (long)hosts * entry.Length;
        }

        await SettleAsync();
    }

    private async Task SettleAsync()
    {
        await Task.WhenAll(_underWay);
        _underWay.Clear();
    }
}
