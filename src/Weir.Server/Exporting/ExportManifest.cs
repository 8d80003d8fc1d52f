using System.Text.Json;
using Weir.Log;

namespace Weir.Server.Exporting;

/// <summary><c>EXPORT.json</c>: which hours an export directory holds, and what of. Replaced in one step after every file.</summary>
/// <remarks>A file is durable under its name before the manifest names it; what the manifest does not name is written anew.</remarks>
internal sealed class ExportManifest
{
    /// <summary>Its name in the export directory.</summary>
    public const string FileName = "EXPORT.json";

    private const int FormatVersion = 1;

    // 300 B an hour: some 25 years of hours.
    private const int MaxBytes = 64 << 20;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n" };

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly string _tenant;
    private readonly string _selector;
    private readonly SortedDictionary<string, ExportedHour> _hours = new(StringComparer.Ordinal);

    private ExportManifest(IFileSystem files, ExportRequest request)
    {
        _files = files;
        _directory = request.Directory;
        _tenant = request.Tenant;
        _selector = request.SelectorText;
    }

    /// <summary>Opens the manifest of an export directory, empty where there is none.</summary>
    /// <exception cref="ExportException">It is of another selection, of a newer format or damaged.</exception>
    public static ExportManifest Open(IFileSystem files, ExportRequest request)
    {
        var manifest = new ExportManifest(files, request);
        string path = Path.Combine(request.Directory, FileName);
        if (!files.FileExists(path)) return manifest;
        Content content = Read(files, path);
        if (content.Format > FormatVersion)
            throw new ExportException($"{path} has format {content.Format}, this program knows up to {FormatVersion}: run the newer version that wrote it", ExitCode.Environment);
        if (content.Tenant != request.Tenant || content.Selector != manifest._selector)
        {
            throw new ExportException(
                $"{request.Directory} holds an export of tenant '{content.Tenant}' with the selection '{content.Selector}', not '{manifest._selector}': "
                + "pass the same --match, or another directory with --parquet", ExitCode.Usage);
        }

        foreach (ExportedHour hour in content.Hours) manifest._hours[hour.File] = hour;
        return manifest;
    }

    /// <summary>What was exported of an hour, or null.</summary>
    public ExportedHour? Find(string file) => _hours.GetValueOrDefault(file);

    /// <summary>Takes what was written of an hour.</summary>
    public void Set(ExportedHour hour) => _hours[hour.File] = hour;

    /// <summary>Makes it durable.</summary>
    public void Save() =>
        _files.Replace(_directory, FileName, JsonSerializer.SerializeToUtf8Bytes(new Content(FormatVersion, _tenant, _selector, [.. _hours.Values]), Json));

    private static Content Read(IFileSystem files, string path)
    {
        try
        {
            using IFile file = files.Open(path, write: false);
            if (file.Length > MaxBytes) throw new JsonException("it is longer than any manifest");
            byte[] bytes = new byte[file.Length];
            int length = file.Read(0, bytes);
            Content content = JsonSerializer.Deserialize<Content>(bytes.AsSpan(0, length), Json) ?? throw new JsonException("it is empty");
            return content is { Tenant: not null, Selector: not null, Hours: not null } ? content : throw new JsonException("keys are missing");
        }
        catch (JsonException e)
        {
            throw new ExportException($"{path} is not a manifest of an export ({e.Message}): delete it to write every hour anew", ExitCode.Environment, e);
        }
    }

    private sealed record Content(int Format, string Tenant, string Selector, IReadOnlyList<ExportedHour> Hours);
}
