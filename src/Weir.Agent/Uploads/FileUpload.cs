using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Weir.Agent.Uplinks;

namespace Weir.Agent.Uploads;

/// <summary>Brings one file to a gateway, whatever happens in between.</summary>
/// <remarks>
/// Nothing is written down on this side: what is left to send follows from the file's hash and the gateway's answer, so that a run that was
/// killed is gone on with by the next. At most <see cref="Parallel"/> chunks are on their way, and no more than these are ever sent twice.
/// </remarks>
internal sealed class FileUpload(UploadClient client, TimeProvider time, Action<UploadProgress> report, Action<string> complain)
{
    /// <summary>Chunks on their way at a time. Source: enough to hide a round trip of 100 ms on a link of 300 Mbit/s.</summary>
    public const int Parallel = 4;

    private const int MaxWrongHashes = 3;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private UploadProgress _progress;
    private int _wrongHashes;
    private int _taken;

    /// <summary>How long the upload goes on without a chunk getting through. Default 5 min.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Uploads a file.</summary>
    /// <returns>Its name on the server.</returns>
    /// <exception cref="UploadException">The gateway refuses it, or has not been reached for too long. What it has, it keeps.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<string> RunAsync(string path, string kind, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.Asynchronous);
        long size = RandomAccess.GetLength(file);
        var announcement = new UploadAnnouncement(Convert.ToHexStringLower(await HashAsync(file, size, cancellationToken).ConfigureAwait(false)), size, kind);
        var backoff = new Backoff(FirstDelay, MaxDelay, Random.Shared);
        long since = time.GetTimestamp();
        while (true)
        {
            int before = Volatile.Read(ref _taken);
            UploadException problem;
            try
            {
                return await RoundAsync(file, announcement, cancellationToken).ConfigureAwait(false);
            }
            catch (UploadException e) when (!e.IsFinal)
            {
                problem = e;
            }

            if (Volatile.Read(ref _taken) > before)
            {
                backoff.Reset();
                since = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(since) >= Patience)
            {
                throw problem;
            }

            complain($"{problem.Message}; trying again");
            TimeSpan wait = problem.RetryAfter ?? backoff.Next();
            await Task.Delay(wait < Patience ? wait : Patience, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // From what the gateway says it has to the whole file, or to the first that goes wrong; what is on its way then still arrives.
    private async Task<string> RoundAsync(SafeFileHandle file, UploadAnnouncement announcement, CancellationToken cancellationToken)
    {
        UploadContext context = await client.BeginAsync(announcement, cancellationToken).ConfigureAwait(false);
        int chunks = (int)((announcement.FileSize + context.ChunkSize - 1) / context.ChunkSize);
        HashSet<int> there = [.. context.Uploaded ?? []];
        Report(progress => progress with { There = there.Count, Chunks = chunks });
        if (context.Name is { } name) return name;
        var missing = new Queue<int>(Enumerable.Range(0, chunks).Where(chunk => !there.Contains(chunk)));
        using var failed = new CancellationTokenSource();
        await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => SendAsync(file, announcement, context, missing, failed, cancellationToken))).ConfigureAwait(false);
        return await client.CommitAsync(context.UploadId!, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendAsync(SafeFileHandle file, UploadAnnouncement announcement, UploadContext context, Queue<int> missing, CancellationTokenSource failed, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(context.ChunkSize);
        try
        {
            while (!failed.IsCancellationRequested && TryTake(missing, out int chunk))
            {
                long offset = (long)chunk * context.ChunkSize;
                Memory<byte> bytes = buffer.AsMemory(0, (int)Math.Min(context.ChunkSize, announcement.FileSize - offset));
                await ReadAsync(file, offset, bytes, cancellationToken).ConfigureAwait(false);
                await PutAsync(context.UploadId!, chunk, bytes, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await failed.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task PutAsync(string uploadId, int chunk, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Report(progress => progress with { SentChunks = progress.SentChunks + 1, SentBytes = progress.SentBytes + bytes.Length });
        try
        {
            await client.PutAsync(uploadId, chunk, bytes, SHA256.HashData(bytes.Span), cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _taken);
            Report(static progress => progress with { There = progress.There + 1 });
        }
        catch (UploadException e) when (e.Error == "wrong_hash" && Interlocked.Increment(ref _wrongHashes) >= MaxWrongHashes)
        {
            throw new UploadException("bad_request", $"{e.Message}; so it went {MaxWrongHashes} times: something between here and the gateway changes the bytes", inner: e);
        }
    }

    private bool TryTake(Queue<int> missing, out int chunk)
    {
        lock (_lock) return missing.TryDequeue(out chunk);
    }

    private void Report(Func<UploadProgress, UploadProgress> change)
    {
        lock (_lock) report(_progress = change(_progress));
    }

    private static async Task ReadAsync(SafeFileHandle file, long offset, Memory<byte> target, CancellationToken cancellationToken)
    {
        while (!target.IsEmpty)
        {
            int read = await RandomAccess.ReadAsync(file, target, offset, cancellationToken).ConfigureAwait(false);
            if (read == 0) throw new IOException("the file has become shorter while it was sent");
            target = target[read..];
            offset += read;
        }
    }

    private static async Task<byte[]> HashAsync(SafeFileHandle file, long size, CancellationToken cancellationToken)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (long offset = 0; offset < size;)
        {
            Memory<byte> part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, size - offset));
            await ReadAsync(file, offset, part, cancellationToken).ConfigureAwait(false);
            sha.AppendData(part.Span);
            offset += part.Length;
        }

        return sha.GetHashAndReset();
    }
}
