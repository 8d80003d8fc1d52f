using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Log;

namespace Weir.Server.Querying;

/// <summary>Prints what the log holds.</summary>
internal static class LogPrinter
{
    /// <summary>Prints it.</summary>
    public static void Print(IReadOnlyList<LogPartitionView> partitions, StoreOutput format, TextWriter output)
    {
        if (format == StoreOutput.Json) PrintJson(partitions, output);
        else PrintTable(partitions, output);
    }

    /// <summary>What a damage is, in words.</summary>
    public static string Describe(LogDamage damage)
    {
        if (damage.Index is null || !RecordIndex.TryOpen(damage.Index, out RecordIndex index)) return $"positions {damage.From} to {damage.To}: nothing that can be read stands there";
        var seqs = new List<ulong>();
        while (index.MoveNext()) seqs.Add(index.Entry.Seq);
        string range = seqs.Count == 0 ? "no entry" : string.Create(CultureInfo.InvariantCulture, $"seq {seqs[0]} to {seqs[^1]}");
        return string.Create(CultureInfo.InvariantCulture, $"position {damage.From}: a record of agent {index.Header.AgentId}, epoch {index.Header.Epoch:x16}, {range}: its bytes are broken");
    }

    private static void PrintTable(IReadOnlyList<LogPartitionView> partitions, TextWriter output)
    {
        foreach ((string name, SegmentLog log) in partitions)
        {
            Line(output, $"{name}: positions {log.Start} to {log.DurableEnd}, {log.SizeBytes} bytes in {log.Segments.Count} segments{(log.Recovery.TornBytes > 0 ? $", {log.Recovery.TornBytes} bytes behind them not durable" : "")}");
            foreach ((long from, long to) in log.Recovery.DamagedRanges) Line(output, $"  damaged: positions {from} to {to}");
            foreach (LogSegment segment in log.Segments) Line(output, $"  {segment.Start,20}  {segment.Bytes,12}  {DateTimeOffset.FromUnixTimeMilliseconds(segment.CreatedMs):yyyy-MM-dd HH:mm:ss}Z");
        }

        Line(output, $"total: {partitions.Count} partitions, {partitions.Sum(static partition => partition.Log.Segments.Count)} segments, {partitions.Sum(static partition => partition.Log.SizeBytes)} bytes");
    }

    private static void PrintJson(IReadOnlyList<LogPartitionView> partitions, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("partitions");
            foreach (LogPartitionView partition in partitions) Write(json, partition);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, LogPartitionView partition)
    {
        SegmentLog log = partition.Log;
        json.WriteStartObject();
        json.WriteString("partition", partition.Name);
        json.WriteNumber("start", log.Start);
        json.WriteNumber("end", log.DurableEnd);
        json.WriteNumber("bytes", log.SizeBytes);
        json.WriteNumber("tornBytes", log.Recovery.TornBytes);
        json.WriteStartArray("segments");
        foreach (LogSegment segment in log.Segments)
        {
            json.WriteStartObject();
            json.WriteNumber("position", segment.Start);
            json.WriteNumber("bytes", segment.Bytes);
            json.WriteNumber("createdMs", segment.CreatedMs);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("damaged");
        foreach ((long from, long to) in log.Recovery.DamagedRanges)
        {
            json.WriteStartObject();
            json.WriteNumber("from", from);
            json.WriteNumber("to", to);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Line(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
