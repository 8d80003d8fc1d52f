using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Contracts;
using Weir.Stores.FrameStore;

namespace Weir.Server.Querying;

/// <summary>Prints what a store holds for people and programs.</summary>
internal static class StorePrinter
{
    /// <summary>Prints it.</summary>
    public static void Print(IReadOnlyList<PartitionReport> partitions, StoreOutput format, TextWriter output)
    {
        if (format == StoreOutput.Json) PrintJson(partitions, output);
        else PrintTable(partitions, output);
    }

    private static void PrintTable(IReadOnlyList<PartitionReport> partitions, TextWriter output)
    {
        foreach (PartitionReport partition in partitions)
        {
            Line(output, $"partition {partition.Number}: {partition.Hosts} hosts, {partition.Parts.Count} parts; sealed up to live {partition.LivePosition}, backfill {partition.BackfillPosition}; {partition.LogBytes} bytes of log, {partition.UnsealedBytes} not sealed");
            if (partition.Parts.Count > 0) Line(output, $"  {"part",8}  {"hour",-17}  {"samples",14}  {"bytes",14}  {"bytes/sample",12}  {"excluded",8}  state");
            foreach (PartReport part in partition.Parts)
                Line(output, $"  {part.Number,8}  {part.Hour:yyyy-MM-dd HH:mm}Z  {part.Samples,14}  {part.Bytes,14}  {PerSample(part.Bytes, part.Samples),12:0.000}  {part.Exclusions,8}  {State(part)}");
            foreach (MissingEntries missing in partition.Missing) output.WriteLine("  " + Missing(missing));
        }

        PartReport[] all = [.. partitions.SelectMany(static partition => partition.Parts)];
        long samples = all.Sum(static part => part.Samples), bytes = all.Sum(static part => part.Bytes);
        Line(output, $"total: {all.Length} parts, {samples} samples, {bytes} bytes, {PerSample(bytes, samples):0.000} bytes/sample, {partitions.Sum(static partition => partition.LogBytes)} bytes of log");
    }

    private static void PrintJson(IReadOnlyList<PartitionReport> partitions, TextWriter output)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("partitions");
            foreach (PartitionReport partition in partitions)
            {
                json.WriteStartObject();
                json.WriteNumber("partition", partition.Number);
                json.WriteNumber("hosts", partition.Hosts);
                json.WriteNumber("livePosition", partition.LivePosition);
                json.WriteNumber("backfillPosition", partition.BackfillPosition);
                json.WriteNumber("logBytes", partition.LogBytes);
                json.WriteNumber("unsealedBytes", partition.UnsealedBytes);
                json.WriteStartArray("parts");
                foreach (PartReport part in partition.Parts) Write(json, part);
                json.WriteEndArray();
                json.WriteStartArray("missing");
                foreach (MissingEntries missing in partition.Missing) Write(json, missing);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, PartReport part)
    {
        json.WriteStartObject();
        json.WriteNumber("part", part.Number);
        json.WriteString("hour", part.Hour);
        json.WriteNumber("samples", part.Samples);
        json.WriteNumber("bytes", part.Bytes);
        json.WriteNumber("exclusions", part.Exclusions);
        json.WriteString("state", State(part));
        json.WriteString("path", part.Path);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MissingEntries missing)
    {
        json.WriteStartObject();
        json.WriteString("host", missing.Agent.Agent.ToString());
        json.WriteString("epoch", missing.Epoch.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteNumber("first", missing.First);
        json.WriteNumber("last", missing.Last);
        if (missing.FromMs > 0) json.WriteString("from", DateTimeOffset.FromUnixTimeMilliseconds(missing.FromMs));
        if (missing.FromMs > 0) json.WriteString("to", DateTimeOffset.FromUnixTimeMilliseconds(missing.ToMs));
        json.WriteBoolean("lost", missing.IsLost);
        json.WriteEndObject();
    }

    /// <summary>A line about entries that damage took.</summary>
    public static string Missing(MissingEntries missing)
    {
        string times = missing.FromMs == 0 ? "times unknown" : string.Create(
            CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(missing.FromMs):u} to {DateTimeOffset.FromUnixTimeMilliseconds(missing.ToMs):u}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(missing.IsLost ? "lost" : "asked for again")}: host {missing.Agent.Agent}, entries {missing.First} to {missing.Last} of epoch {missing.Epoch:x16}, {times}");
    }

    private static string State(PartReport part) => part.Damage == Stores.FrameStore.Parts.PartDamage.None ? "ok" : part.Damage.ToString().ToLowerInvariant();

    private static double PerSample(long bytes, long samples) => samples == 0 ? 0 : (double)bytes / samples;

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
