namespace Weir.Server.Configuration;

/// <summary>What the command line says; it wins over the configuration file.</summary>
internal sealed record ServerArguments(FileInfo? ConfigFile, string? Data, string? Http, IReadOnlyList<string> Grpc, bool Insecure, string? Enroll = null, bool Tls = false);
