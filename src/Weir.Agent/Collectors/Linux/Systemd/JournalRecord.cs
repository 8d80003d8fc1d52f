using System.Text;
using System.Text.Json;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>What is counted of a record of the journal, from a line of <c>journalctl --output=json</c>. The spans are of the line, or of a copy where it has escapes.</summary>
internal ref struct JournalRecord
{
    /// <summary>Its unit; empty where it has none.</summary>
    public ReadOnlySpan<byte> Unit;

    /// <summary>Where it stands in the journal.</summary>
    public ReadOnlySpan<byte> Cursor;

    /// <summary>Its priority, 0 (emergency) to 7 (debug); 6 (info) where it names none, as journald has it.</summary>
    public int Priority;

    /// <summary>Reads a line; false where it is no object of JSON.</summary>
    /// <remarks>A field may also be null (too long), or a list (several values, or no text): such a one is passed over. Names of units that systemd escapes have a backslash, and so one in JSON.</remarks>
    public static bool TryParse(ReadOnlySpan<byte> line, out JournalRecord record)
    {
        record = new JournalRecord { Priority = 6 };
        var reader = new Utf8JsonReader(line);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isUnit = reader.ValueTextEquals("_SYSTEMD_UNIT"u8), isPriority = reader.ValueTextEquals("PRIORITY"u8), isCursor = reader.ValueTextEquals("__CURSOR"u8), isTransport = reader.ValueTextEquals("_TRANSPORT"u8);
                if (!reader.Read()) return false;
                if (reader.TokenType != JsonTokenType.String) reader.Skip();
                else if (isUnit) record.Unit = TextOf(reader);
                else if (isTransport && record.Unit.IsEmpty && reader.ValueTextEquals("kernel"u8)) record.Unit = "kernel"u8;
                else if (isCursor) record.Cursor = TextOf(reader);
                else if (isPriority && reader.ValueSpan is [>= (byte)'0' and <= (byte)'7']) record.Priority = reader.ValueSpan[0] - '0';
            }

            return reader.TokenType == JsonTokenType.EndObject;
        }
        // What is escaped may be no text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ReadOnlySpan<byte> TextOf(Utf8JsonReader reader) => reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
}
