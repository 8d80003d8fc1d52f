namespace Weir.Server.Exporting;

/// <summary>What the manifest says of one hour's file. Part of a format: <c>docs/formats/export.md</c>.</summary>
internal sealed record ExportedHour
{
    /// <summary>Path below the export directory, with forward slashes.</summary>
    public required string File { get; init; }

    /// <summary>Samples in the file: one row each.</summary>
    public required long Rows { get; init; }

    /// <summary>Sum of the hashes of all samples, 16 hexadecimal digits: tells whether the store still holds what the file holds.</summary>
    public required string Digest { get; init; }

    /// <summary>Time of the oldest sample, Unix ms.</summary>
    public required long MinTimeMs { get; init; }

    /// <summary>Time of the newest sample, Unix ms.</summary>
    public required long MaxTimeMs { get; init; }

    /// <summary>Whether the hour was over when it was last looked at.</summary>
    public required bool Closed { get; init; }

    /// <summary>Size of the file.</summary>
    public required long FileBytes { get; init; }

    /// <summary>SHA-256 of the file, lower-case hexadecimal.</summary>
    public required string FileSha256 { get; init; }
}
