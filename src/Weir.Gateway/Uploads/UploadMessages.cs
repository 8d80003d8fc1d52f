using System.Text.Json.Serialization;

namespace Weir.Gateway;

/// <summary>Body of <c>POST /api/upload/context</c>.</summary>
internal sealed record UploadContextRequest(string? FileHash, long? FileSize, string? Kind);

/// <summary>An upload as it is answered.</summary>
/// <param name="UploadId">Names it in the routes.</param>
/// <param name="ChunkSize">Bytes of every chunk but the last.</param>
/// <param name="FileSize">Bytes of the file.</param>
/// <param name="State"><c>open</c> or <c>whole</c>.</param>
/// <param name="Uploaded">Numbers of the chunks that are there.</param>
/// <param name="Failed">Numbers of those that came wrong, or were damaged.</param>
/// <param name="Name">Name of the whole file below <c>uploads/</c>; null until then.</param>
internal sealed record UploadContextAnswer(string UploadId, int ChunkSize, long FileSize, string State, IReadOnlyList<int> Uploaded, IReadOnlyList<int> Failed, string? Name);

/// <summary>Why something was refused.</summary>
internal sealed record UploadErrorAnswer(string Error, string Message);

/// <summary>The JSON of uploads.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UploadContextRequest))]
[JsonSerializable(typeof(UploadContextAnswer))]
[JsonSerializable(typeof(UploadErrorAnswer))]
internal sealed partial class UploadJson : JsonSerializerContext;
