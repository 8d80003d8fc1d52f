namespace Weir.Agent.Uploads;

/// <summary>How far an upload is.</summary>
/// <param name="There">Chunks that the gateway has.</param>
/// <param name="Chunks">Chunks of the file.</param>
/// <param name="SentChunks">Chunks that this run has sent, those sent again included.</param>
/// <param name="SentBytes">Their bytes.</param>
internal readonly record struct UploadProgress(int There, int Chunks, int SentChunks, long SentBytes);
