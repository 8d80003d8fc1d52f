using System.Text.Json;
using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Local;

/// <summary>The processes behind the names that have series, as JSON: what <c>/processes</c> serves and <c>list --processes</c> reads.</summary>
internal static class ProcessesJson
{
    /// <summary>Writes them.</summary>
    public static void Write(Stream output, ProcessInventory inventory)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        foreach ((string name, IReadOnlyList<ProcessIdentity> processes) in inventory.Names)
        {
            json.WriteStartArray(name);
            foreach (ProcessIdentity process in processes)
            {
                json.WriteStartObject();
                json.WriteNumber("pid", process.Pid);
                json.WriteNumber("startedMs", process.StartedAt.ToUnixTimeMilliseconds());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Reads them. Whatever answers at the port may not be the agent: names are made fit to be shown.</summary>
    /// <exception cref="JsonException">They are none.</exception>
    public static ProcessInventory Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var names = new Dictionary<string, IReadOnlyList<ProcessIdentity>>(StringComparer.Ordinal);
            foreach (JsonProperty name in document.RootElement.EnumerateObject())
                names[ProcessNameText.Of(name.Name)] = [.. name.Value.EnumerateArray().Select(static process => new ProcessIdentity(process.GetProperty("pid").GetInt32(), DateTimeOffset.FromUnixTimeMilliseconds(process.GetProperty("startedMs").GetInt64())))];
            return new ProcessInventory(names);
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw new JsonException($"not the processes of an agent: {error.Message}", error);
        }
    }
}
