using Weir.Log;

namespace Weir.Gateway;

/// <summary>An upload as it stands on disk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Agent">Whose it is.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Chunks">Chunks of the file.</param>
/// <param name="Missing">Those that are not there.</param>
/// <param name="IsWhole">Whether it has been committed.</param>
/// <param name="Touched">When something of it last became durable.</param>
/// <param name="Hash">SHA-256 of the whole file.</param>
/// <param name="Path">Where its bytes are.</param>
public sealed record UploadInfo(
    string Id, AgentId Agent, UploadKind Kind, long Bytes, int Chunks, int Missing, bool IsWhole, DateTimeOffset Touched, string Hash, string Path);
