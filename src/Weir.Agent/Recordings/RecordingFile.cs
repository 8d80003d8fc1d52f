using System.IO.Compression;
using Weir.Agent.Identity;

namespace Weir.Agent.Recordings;

/// <summary>A recording as one file: a zip of a spool's segments and of the file that names their format.</summary>
/// <remarks>No identity, key or lock goes into it. What is read back is bounded, and only names that a spool has are taken from it.</remarks>
internal static class RecordingFile
{
    /// <summary>Most bytes that a recording may unpack to: a day of 500 series at one second takes some 20 MB.</summary>
    public const long MaxBytes = 1L << 30;

    private const string Spool = "spool";

    /// <summary>Packs the spool of a data directory.</summary>
    public static void Pack(string dataDirectory, Stream target)
    {
        using var zip = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true);
        zip.CreateEntryFromFile(Path.Combine(dataDirectory, DataFormatFile.Name), DataFormatFile.Name);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(dataDirectory, Spool)).Where(static file => Path.GetFileName(file) != "LOCK").Order(StringComparer.Ordinal))
            zip.CreateEntryFromFile(file, $"{Spool}/{Path.GetFileName(file)}");
    }

    /// <summary>Unpacks into an empty directory, as the data directory that it was.</summary>
    /// <exception cref="RecordingException">The file is none, holds what no recording holds, or is too large.</exception>
    public static void Unpack(Stream source, string dataDirectory)
    {
        try
        {
            Directory.CreateDirectory(Path.Combine(dataDirectory, Spool));
            using var zip = new ZipArchive(source, ZipArchiveMode.Read);
            long left = MaxBytes;
            foreach (ZipArchiveEntry entry in zip.Entries)
            {
                if (!IsExpected(entry.FullName)) throw new RecordingException($"not a recording: it holds '{entry.FullName}'");
                using Stream from = entry.Open();
                using FileStream to = File.Create(Path.Combine(dataDirectory, entry.FullName));
                left -= Copy(from, to, left);
            }
        }
        catch (InvalidDataException e)
        {
            throw new RecordingException("not a recording: no file that 'weir-agent record' has written, or a damaged one", e);
        }
    }

    private static bool IsExpected(string name)
    {
        if (name == DataFormatFile.Name) return true;
        string file = name.StartsWith(Spool + "/", StringComparison.Ordinal) ? name[(Spool.Length + 1)..] : "";
        return file.Length is > 0 and <= 64 && file != "." && file != ".." && file.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
    }

    private static long Copy(Stream from, Stream to, long most)
    {
        byte[] buffer = new byte[81920];
        long copied = 0;
        while (from.Read(buffer) is var read and > 0)
        {
            copied += read;
            if (copied > most) throw new RecordingException($"the recording unpacks to more than {MaxBytes} bytes");
            to.Write(buffer, 0, read);
        }

        return copied;
    }
}
