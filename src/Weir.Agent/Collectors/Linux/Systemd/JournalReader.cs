using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Agent.Collectors.Children;
using Weir.Agent.Events;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>The newest records of the systemd journal, by journalctl.</summary>
/// <param name="journalctl">The program.</param>
/// <param name="deadline">How long it may take.</param>
internal sealed class JournalReader(string journalctl, TimeSpan deadline)
{
    // journalctl leaves out fields beyond 4 KiB: this is a thousand records of the largest.
    private const int MaxOutputBytes = 16 << 20;

    private const int Info = 6;

    /// <summary>Reads them, the newest first.</summary>
    /// <param name="unit">Of one unit alone; null: of all and the kernel.</param>
    /// <param name="most">Most records.</param>
    /// <exception cref="SourceException">They cannot be read.</exception>
    public IReadOnlyList<EventRecord> Read(string? unit, int most)
    {
        var output = new BoundedOutput(MaxOutputBytes);
        string errors = Run(unit, most, output);
        if (JournalFollower.IsDenied(errors)) throw new SourceException(FailureReason.AccessDenied, $"the journal cannot be read: the account needs {SourceRight.SystemdJournal.Name} ({SourceRight.SystemdJournal.Grant})");
        if (output.Bytes.IsEmpty) throw new SourceException(FailureReason.NotHere, errors.Length > 0 ? $"{journalctl}: {errors}" : unit is null ? "the journal has no records" : $"the journal has no records of a unit {unit}");
        var records = new List<EventRecord>();
        foreach (Range line in output.Bytes.Split((byte)'\n'))
            if (TryParse(output.Bytes[line]) is { } record) records.Add(record);
        return records;
    }

    private string Run(string? unit, int most, BoundedOutput output)
    {
        string[] arguments =
        [
            "--no-pager", "--reverse", "--output=json", "--output-fields=PRIORITY,_SYSTEMD_UNIT,SYSLOG_IDENTIFIER,_TRANSPORT,MESSAGE", string.Create(CultureInfo.InvariantCulture, $"--lines={most}"),
            .. unit is null ? (string[])[] : [$"--unit={unit}"],
        ];
        try
        {
            using ChildProgram program = ChildProgram.Start(journalctl, arguments, output);
            if (!program.WaitForEnd(deadline)) throw new SourceException(FailureReason.Stuck, string.Create(CultureInfo.InvariantCulture, $"{journalctl} took more than {deadline.TotalSeconds} s"));
            if (output.IsCut) throw new SourceException(FailureReason.Error, string.Create(CultureInfo.InvariantCulture, $"{journalctl} printed more than {MaxOutputBytes} bytes: ask for fewer records"));
            if (program.ExitCode is not 0 and var code && program.Errors.Length == 0) throw new SourceException(FailureReason.Error, string.Create(CultureInfo.InvariantCulture, $"{journalctl} ended with {code}"));
            return program.Errors;
        }
        catch (FileNotFoundException)
        {
            throw new SourceException(FailureReason.NotHere, $"{journalctl} is not here: this host has no systemd journal");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SourceException(FailureReason.Error, error.Message);
        }
    }

    /// <summary>A line of <c>--output=json</c>; null where it is no record.</summary>
    internal static EventRecord? TryParse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? document)) return null;
            using (document) return document.RootElement.ValueKind == JsonValueKind.Object ? RecordOf(document.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static EventRecord RecordOf(JsonElement fields)
    {
        _ = long.TryParse(TextOf(fields, "__REALTIME_TIMESTAMP"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds);
        string priority = TextOf(fields, "PRIORITY"), source = TextOf(fields, "_SYSTEMD_UNIT");
        if (source.Length == 0) source = TextOf(fields, "SYSLOG_IDENTIFIER");
        if (source.Length == 0) source = TextOf(fields, "_TRANSPORT");
        int level = priority is [>= '0' and <= '7'] ? priority[0] - '0' : Info;
        return new EventRecord(
            DateTimeOffset.UnixEpoch.AddMicroseconds(Math.Min(microseconds, (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)),
            JournalCounts.Priorities[level], AttributeText.Of(source), null, EventRecord.TextOf(TextOf(fields, "MESSAGE")));
    }

    // A text; a list of its bytes where it is no UTF-8 or has control characters; null where it is too long; a list of texts where there are several.
    private static string TextOf(JsonElement fields, string name)
    {
        if (!fields.TryGetProperty(name, out JsonElement field)) return "";
        return field.ValueKind switch
        {
            JsonValueKind.String => field.GetString()!,
            JsonValueKind.Null => "(longer than journalctl shows)",
            JsonValueKind.Array when field.GetArrayLength() > 0 && field[0].ValueKind == JsonValueKind.Number => Encoding.UTF8.GetString([.. field.EnumerateArray().Select(static each => each.TryGetByte(out byte value) ? value : (byte)'?')]),
            JsonValueKind.Array => string.Join('\n', field.EnumerateArray().Where(static each => each.ValueKind == JsonValueKind.String)),
            _ => "",
        };
    }
}
