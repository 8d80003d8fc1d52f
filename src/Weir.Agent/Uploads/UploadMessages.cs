using System.Text.Json.Serialization;

namespace Weir.Agent.Uploads;

/// <summary>What a gateway is told that will be uploaded. <c>docs/formats/upload.md</c>.</summary>
internal sealed record UploadAnnouncement(string FileHash, long FileSize, string Kind);

/// <summary>How far an upload is, as a gateway says it.</summary>
internal sealed record UploadContext(string? UploadId, int ChunkSize, string? State, IReadOnlyList<int>? Uploaded, string? Name);

/// <summary>Why a gateway refuses.</summary>
internal sealed record UploadRefusal(string? Error, string? Message);

/// <summary>The JSON of uploads.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UploadAnnouncement))]
[JsonSerializable(typeof(UploadContext))]
[JsonSerializable(typeof(UploadRefusal))]
internal sealed partial class UploadJson : JsonSerializerContext;
