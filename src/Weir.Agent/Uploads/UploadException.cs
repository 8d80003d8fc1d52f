namespace Weir.Agent.Uploads;

/// <summary>An upload cannot go on.</summary>
internal sealed class UploadException(string error, string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What a connection that failed is called.</summary>
    public const string Unreachable = "unreachable";

    // The others go away by themselves, or by beginning again.
    private static readonly string[] Final = ["bad_request", "untrusted", "file_too_large", "agent_quota", "quota", "too_many", "no_such_chunk", "wrong_size", "other_file"];

    /// <summary>The gateway's name of it, or <see cref="Unreachable"/>.</summary>
    public string Error { get; } = error;

    /// <summary>How long the gateway asks to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether trying again is of no use.</summary>
    public bool IsFinal => Array.IndexOf(Final, Error) >= 0;
}
