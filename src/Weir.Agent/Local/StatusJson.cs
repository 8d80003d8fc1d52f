using System.Text.Json;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;

namespace Weir.Agent.Local;

/// <summary>The status as JSON: what <c>/status</c> serves, <c>doctor --output json</c> prints and <c>doctor</c> reads.</summary>
/// <remarks>
/// Whatever answers at the port may not be the agent: control characters are taken out of what is read, and which right a source needs, and the command that grants
/// it, come from this program's own catalog.
/// </remarks>
internal static class StatusJson
{
    /// <summary>Writes a status.</summary>
    public static void Write(Stream output, AgentStatus status)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("version", status.Version);
        json.WriteNumber("processId", status.ProcessId);
        json.WriteString("account", status.Account);
        json.WriteNumber("startedMs", status.StartedMs);
        json.WriteStartArray("collectors");
        foreach (CollectorStatus collector in status.Collectors) Write(json, collector);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Reads a status.</summary>
    /// <param name="text">The JSON.</param>
    /// <param name="config">Whose collectors it tells of: what each needs is looked up there.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static AgentStatus Read(ReadOnlyMemory<byte> text, AgentConfig config)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            return new AgentStatus(
                Text(root, "version") ?? "",
                root.GetProperty("processId").GetInt32(),
                Text(root, "account") ?? "",
                root.GetProperty("startedMs").GetInt64(),
                [.. root.GetProperty("collectors").EnumerateArray().Select(collector => ReadCollector(collector, config))]);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException($"not the status of an agent: {e.Message}", e);
        }
    }

    private static void Write(Utf8JsonWriter json, CollectorStatus collector)
    {
        json.WriteStartObject();
        json.WriteString("name", collector.Name);
        json.WriteString("lane", collector.Lane);
        json.WriteNumber("intervalMs", collector.IntervalMs);
        json.WriteString("state", collector.State);
        json.WriteString("problem", collector.Problem);
        json.WriteNumber("series", collector.Series);
        json.WriteNumber("failedSeries", collector.FailedSeries);
        json.WriteNumber("runs", collector.Runs);
        json.WriteNumber("failedRuns", collector.FailedRuns);
        json.WriteNumber("durationMs", collector.DurationMs);
        json.WriteNumber("allocatedBytesPerRun", collector.AllocatedBytesPerRun);
        json.WriteStartArray("sources");
        foreach (SourceStatus source in collector.Sources)
        {
            json.WriteStartObject();
            json.WriteString("name", source.Name);
            json.WriteString("state", source.State);
            json.WriteString("error", source.Error);
            json.WriteString("needs", source.Needs?.Name);
            json.WriteString("grant", source.Needs?.Grant);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static CollectorStatus ReadCollector(JsonElement json, AgentConfig config)
    {
        string name = Text(json, "name") ?? "";
        return new CollectorStatus
        {
            Name = name,
            Lane = Text(json, "lane") ?? "",
            IntervalMs = json.GetProperty("intervalMs").GetInt64(),
            State = Text(json, "state") ?? "",
            Problem = Text(json, "problem"),
            Series = json.GetProperty("series").GetInt32(),
            FailedSeries = json.GetProperty("failedSeries").GetInt32(),
            Runs = json.GetProperty("runs").GetInt64(),
            FailedRuns = json.GetProperty("failedRuns").GetInt64(),
            DurationMs = json.GetProperty("durationMs").GetDouble(),
            AllocatedBytesPerRun = json.GetProperty("allocatedBytesPerRun").GetInt64(),
            Sources = [.. json.GetProperty("sources").EnumerateArray().Select(source => ReadSource(source, name, config))],
        };
    }

    private static SourceStatus ReadSource(JsonElement json, string collector, AgentConfig config)
    {
        string name = Text(json, "name") ?? "";
        CollectorSource? known = CollectorCatalog.Under(config).FirstOrDefault(info => info.Name == collector)?.Sources.FirstOrDefault(source => source.Name == name);
        return new SourceStatus(name, Text(json, "state") ?? "", Text(json, "error"), known?.Needs, known?.PartlyNeeds);
    }

    private static string? Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() is { } text ? string.Concat(text.Where(static c => !char.IsControl(c))) : null;
}
