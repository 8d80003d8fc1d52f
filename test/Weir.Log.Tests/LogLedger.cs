using System.Buffers.Binary;
using Microsoft.Extensions.Time.Testing;
using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

/// <summary>Remembers what a log has acknowledged and checks that it keeps its word.</summary>
internal sealed class LogLedger
{
    public const string Directory = "/log";

    private readonly List<(long Position, int Id)> _acknowledged = [];
    private readonly HashSet<int> _attempted = [];
    private long _truncatedTo;
    private int _nextId = 1;

    /// <summary>The clock of the logs.</summary>
    public static FakeTimeProvider Time { get; } = new();

    /// <summary>Small segments, so that scripts cross them.</summary>
    public static SegmentLogOptions Options { get; } = new() { MaxSegmentBytes = 3000, Time = Time };

    public int Acknowledged => _acknowledged.Count;

    public static SegmentLog Open(CrashFileSystem files) => SegmentLog.Open(files, Directory, Options);

    /// <summary>Appends entries at once; those that fail are attempts and nothing more.</summary>
    public async Task<bool> AppendAsync(SegmentLog log, int entries)
    {
        var appends = new List<(int Id, Task<long> Position)>();
        for (int i = 0; i < entries; i++)
        {
            int id = _nextId++;
            _attempted.Add(id);
            try
            {
                appends.Add((id, log.AppendAsync(Index(id), Payload(id), CancellationToken.None).AsTask()));
            }
            catch (LogException)
            {
                return false;
            }
        }

        bool all = true;
        foreach ((int id, Task<long> position) in appends)
        {
            try
            {
                _acknowledged.Add((await position, id));
            }
            catch (LogException)
            {
                all = false;
            }
        }

        return all;
    }

    public void Truncate(SegmentLog log)
    {
        IReadOnlyList<LogSegment> segments = log.Segments;
        if (segments.Count < 2) return;
        // Before the fact: a crash in the middle may leave any of it truncated.
        _truncatedTo = Math.Max(_truncatedTo, segments[segments.Count / 2].Start);
        log.TruncateBefore(_truncatedTo);
    }

    /// <summary>What is wrong with a log; null where it kept its word.</summary>
    public string? Check(SegmentLog log)
    {
        if (log.Recovery.DamagedRanges.Count > 0) return $"damage is reported after a plain crash: {string.Join(", ", log.Recovery.DamagedRanges)}";
        var found = new Dictionary<long, int>();
        foreach (LogReadMode mode in (ReadOnlySpan<LogReadMode>)[LogReadMode.IndexOnly, LogReadMode.Payloads])
        {
            found.Clear();
            using LogReader reader = log.OpenReader(log.Start, mode);
            while (reader.TryRead(out LogEntry entry))
            {
                if (entry.Damaged) continue;
                int id = BinaryPrimitives.ReadInt32LittleEndian(entry.Index.Span);
                if (!_attempted.Contains(id)) return $"an entry that was never appended stands at {entry.Position}";
                var bytes = new byte[entry.PayloadLength];
                if (!log.TryReadAt(entry.Position, bytes) || !bytes.AsSpan().SequenceEqual(Payload(id))) return $"entry {id} is offered as good ({mode}) and its payload is not what was appended";
                if (mode == LogReadMode.Payloads && !entry.Payload.Span.SequenceEqual(bytes)) return $"entry {id} reads differently in order and at its position";
                found[entry.Position] = id;
            }

            if (reader.SkippedBytes > 0) return $"{reader.SkippedBytes} bytes were stepped over after a plain crash";
            foreach ((long position, int id) in _acknowledged)
                if (position >= _truncatedTo && found.GetValueOrDefault(position) != id) return $"entry {id} was acknowledged at {position} and is gone ({mode})";
        }

        if (found.Values.Distinct().Count() != found.Count) return "an entry stands twice";
        return null;
    }

    private static byte[] Index(int id)
    {
        var index = new byte[4 + (id % 5)];
        BinaryPrimitives.WriteInt32LittleEndian(index, id);
        return index;
    }

    private static byte[] Payload(int id)
    {
        var payload = new byte[id % 7 == 0 ? 1500 : 20 + (id * 13 % 400)];
        new Random(id).NextBytes(payload);
        return payload;
    }
}
