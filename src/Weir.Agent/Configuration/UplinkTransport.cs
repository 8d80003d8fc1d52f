namespace Weir.Agent.Configuration;

/// <summary>How messages go to a gateway.</summary>
public enum UplinkTransport
{
    /// <summary>As a stream; by POST where a gateway can be reached and the stream does not pass, until that fails too.</summary>
    Auto,

    /// <summary>As a stream over HTTP/2, always.</summary>
    Stream,

    /// <summary>By POST, always.</summary>
    Post,
}
