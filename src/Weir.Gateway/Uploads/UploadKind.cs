namespace Weir.Gateway;

/// <summary>What a file is for. Values stand on disk and are frozen.</summary>
public enum UploadKind
{
    /// <summary>Any file.</summary>
    File = 1,

    /// <summary>A bundle of diagnostics.</summary>
    Diagnostics = 2,

    /// <summary>A recording of metrics.</summary>
    Recording = 3,
}
