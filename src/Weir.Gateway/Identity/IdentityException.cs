namespace Weir.Gateway.Identity;

/// <summary>What lies under <c>identity/</c> of the data directory cannot be used; the message names the file and the cure.</summary>
public sealed class IdentityException : Exception
{
    /// <summary>Makes the error.</summary>
    public IdentityException(string path, string message, Exception? inner = null)
        : base(message, inner) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }
}
