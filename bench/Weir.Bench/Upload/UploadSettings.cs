namespace Weir.Bench.Upload;

/// <summary>How the benchmark <c>upload</c> runs.</summary>
/// <param name="FileBytes">Bytes of the file.</param>
/// <param name="Kills">How often client, server or both are killed, each time at 60 % of what is left.</param>
/// <param name="Directory">Where a temporary folder is made.</param>
internal sealed record UploadSettings(long FileBytes, int Kills, string Directory);
