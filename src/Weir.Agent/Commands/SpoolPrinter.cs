using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Agent.Spooling;

namespace Weir.Agent.Commands;

/// <summary>Prints what <see cref="SpoolInspection"/> says.</summary>
internal static class SpoolPrinter
{
    /// <summary>For people.</summary>
    public static void PrintTable(SpoolInspection spool, TextWriter output)
    {
        List<SpoolSegmentReport> segments = spool.Segments();
        Line(output, $"agent {spool.Agent?.ToString() ?? "unknown: its state is missing or damaged"}: {Count(spool.Epochs.Count, "epoch")}, {Count(segments.Count, "segment")}, {Count(segments.Sum(static segment => segment.Segment.Bytes), "byte")}, {Count(segments.Sum(static segment => segment.Entries), "entry", "entries")}, {spool.Unsettled} not acked");
        Line(output, $"  {"epoch",-16}  {"start",6}  {"last seq",10}  oldest not acked");
        foreach (OpenEpochInfo epoch in spool.Epochs)
            Line(output, $"  {epoch.Epoch:x16}  {epoch.StartNumber,6}  {epoch.LastSeq,10}  {(epoch.OldestUnsettled == 0 ? "-" : epoch.OldestUnsettled.ToString(CultureInfo.InvariantCulture))}");
        Line(output, $"  {"segment",20}  {"bytes",10}  {"entries",8}  {"not acked",9}  {"oldest tick",-20}  {"newest tick",-20}  state");
        foreach (SpoolSegmentReport each in segments)
            Line(output, $"  {each.Segment.Start,20}  {each.Segment.Bytes,10}  {each.Entries,8}  {each.Unsettled,9}  {Time(each.OldestMs),-20}  {Time(each.NewestMs),-20}  {(each.IsDamaged ? "damaged" : "whole")}");
    }

    /// <summary>One JSON document.</summary>
    public static void PrintJson(SpoolInspection spool, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            if (spool.Agent is { } agent) json.WriteString("agent", agent.ToString());
            json.WriteNumber("notAcked", spool.Unsettled);
            json.WriteNumber("tornBytes", spool.Recovery.TornBytes);
            json.WriteStartArray("epochs");
            foreach (OpenEpochInfo epoch in spool.Epochs) Write(json, epoch);
            json.WriteEndArray();
            json.WriteStartArray("segments");
            foreach (SpoolSegmentReport segment in spool.Segments()) Write(json, segment);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    /// <summary>An epoch as it is written everywhere: 16 hexadecimal digits.</summary>
    public static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    private static string Count(long number, string one, string? several = null) => string.Create(CultureInfo.InvariantCulture, $"{number} {(number == 1 ? one : several ?? one + "s")}");

    private static void Write(Utf8JsonWriter json, OpenEpochInfo epoch)
    {
        json.WriteStartObject();
        json.WriteString("epoch", Hex(epoch.Epoch));
        json.WriteNumber("start", epoch.StartNumber);
        json.WriteNumber("lastSeq", epoch.LastSeq);
        json.WriteNumber("oldestNotAcked", epoch.OldestUnsettled);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SpoolSegmentReport each)
    {
        json.WriteStartObject();
        json.WriteNumber("position", each.Segment.Start);
        json.WriteNumber("bytes", each.Segment.Bytes);
        json.WriteNumber("createdMs", each.Segment.CreatedMs);
        json.WriteNumber("entries", each.Entries);
        json.WriteNumber("notAcked", each.Unsettled);
        if (each.OldestMs is { } oldest) json.WriteNumber("oldestTickMs", oldest);
        if (each.NewestMs is { } newest) json.WriteNumber("newestTickMs", newest);
        json.WriteBoolean("damaged", each.IsDamaged);
        json.WriteStartArray("ranges");
        foreach (SummaryRun run in each.Runs)
        {
            json.WriteStartObject();
            json.WriteString("epoch", Hex(run.Epoch));
            json.WriteNumber("first", run.First);
            json.WriteNumber("last", run.Last);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Line(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static string Time(long? ms) => ms is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : "-";
}
