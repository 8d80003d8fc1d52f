namespace Weir.Server.Exporting;

/// <summary>What one run did.</summary>
internal sealed class ExportSummary
{
    /// <summary>Hours whose file was written or rewritten.</summary>
    public int Written { get; set; }

    /// <summary>Hours whose file already held what the store holds.</summary>
    public int Unchanged { get; set; }

    /// <summary>Hours whose file holds more than the store still does.</summary>
    public int Kept { get; set; }

    /// <summary>Samples written.</summary>
    public long Rows { get; set; }

    /// <summary>Bytes written.</summary>
    public long Bytes { get; set; }

    /// <summary>What the files lack because it could not be read, in a sentence; null where nothing.</summary>
    public string? Warning { get; set; }
}
