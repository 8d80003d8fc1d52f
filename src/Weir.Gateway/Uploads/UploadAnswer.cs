namespace Weir.Gateway;

/// <summary>What is said about an upload.</summary>
/// <param name="Error">Why it does not go on; <see cref="UploadError.None"/> where it does.</param>
/// <param name="Message">What is wrong and what to do, for people.</param>
/// <param name="Upload">The upload, where there is one.</param>
internal readonly record struct UploadAnswer(UploadError Error, string Message, Upload? Upload)
{
    /// <summary>It goes on.</summary>
    public static UploadAnswer Ok(Upload upload) => new(UploadError.None, "", upload);

    /// <summary>It does not.</summary>
    public static UploadAnswer No(UploadError error, string message) => new(error, message, null);
}
