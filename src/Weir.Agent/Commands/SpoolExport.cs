using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Agent.Spooling;
using Weir.Log;

namespace Weir.Agent.Commands;

/// <summary>Writes entries out: a line of JSON each, and their bytes into files where asked.</summary>
internal static class SpoolExport
{
    /// <summary>Writes the entries of a spool.</summary>
    public static void WriteSpool(SpoolInspection spool, TextWriter output, string? directory, CancellationToken cancellationToken)
    {
        foreach ((SpooledEntry entry, byte[] bytes, bool isDamaged) in spool.Entries())
        {
            cancellationToken.ThrowIfCancellationRequested();
            WriteLine(output, json =>
            {
                WriteName(json, entry.Epoch, entry.StartNumber, entry.Seq, entry.Header.Kind, bytes.Length);
                json.WriteNumber("position", entry.Position);
                json.WriteBoolean("acked", spool.IsSettled(entry));
                json.WriteBoolean("damaged", isDamaged);
                WriteHeader(json, entry.Header);
            });
            WriteFile(directory, entry.Epoch, entry.Seq, bytes);
        }
    }

    /// <summary>Writes the copies in a quarantine.</summary>
    public static void WriteQuarantine(SegmentLog copies, TextWriter output, string? directory, CancellationToken cancellationToken)
    {
        using LogReader reader = copies.OpenReader(copies.Start, LogReadMode.Payloads);
        while (reader.TryRead(out LogEntry item))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (QuarantineIndex.TryRead(item.Index.Span) is not { } index) continue;
            byte[] bytes = item.Payload.ToArray();
            WriteLine(output, json =>
            {
                WriteName(json, index.Epoch, index.StartNumber, index.Seq, index.Kind, bytes.Length);
                json.WriteString("reason", SpoolMetrics.NameOf(index.Reason));
                json.WriteNumber("quarantinedMs", index.AtMs);
                EntryError error = EntryHeader.TryRead(bytes, out EntryHeader header);
                json.WriteString("error", error.ToString());
                if (error == EntryError.None) WriteHeader(json, header);
            });
            WriteFile(directory, index.Epoch, index.Seq, bytes);
        }
    }

    private static void WriteName(Utf8JsonWriter json, ulong epoch, uint startNumber, ulong seq, EntryKind kind, int bytes)
    {
        json.WriteString("epoch", SpoolPrinter.Hex(epoch));
        json.WriteNumber("start", startNumber);
        json.WriteNumber("seq", seq);
        json.WriteString("kind", SpoolMetrics.NameOf(kind));
        json.WriteNumber("bytes", bytes);
    }

    private static void WriteHeader(Utf8JsonWriter json, in EntryHeader header)
    {
        json.WriteNumber("form", header.Form);
        json.WriteNumber("firstMs", header.FirstMs);
        json.WriteNumber("intervalMs", header.IntervalMs);
        json.WriteNumber("ticks", header.Ticks);
        json.WriteNumber("series", header.Series);
        json.WriteNumber("samples", header.SampleCount);
        json.WriteNumber("clockGeneration", header.ClockGeneration);
        json.WriteString("object", SpoolPrinter.Hex(header.ObjectId));
        json.WriteString("contentHash", SpoolPrinter.Hex(header.ContentHash));
        json.WriteString("digest", SpoolPrinter.Hex(header.Digest));
    }

    private static void WriteLine(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static void WriteFile(string? directory, ulong epoch, ulong seq, byte[] bytes)
    {
        if (directory is null) return;
        var files = new PhysicalFileSystem();
        string path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{epoch:x16}-{seq}.entry"));
        if (files.FileExists(path)) files.Delete(path);
        using IFile file = files.Create(path);
        file.Write(0, bytes);
    }
}
