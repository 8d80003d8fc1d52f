using System.Buffers;
using System.Security.Cryptography;
using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway;

/// <content>Chunks in, and the commit behind them.</content>
internal sealed partial class UploadStore
{
    private const int BufferBytes = 64 * 1024;

    private int _inFlight;

    /// <summary>Takes a chunk: straight to its place on disk, checked on the way, durable before it counts.</summary>
    /// <param name="upload">The upload.</param>
    /// <param name="chunk">Number of the chunk, from 0.</param>
    /// <param name="hash">SHA-256 of its bytes, as the client says.</param>
    /// <param name="body">Its bytes; read no further than one byte beyond what the chunk has.</param>
    /// <param name="cancellationToken">Ends it; the chunk then is not there.</param>
    /// <exception cref="IOException">The body broke off. What the store itself does not take is an answer.</exception>
    public async ValueTask<UploadAnswer> PutAsync(Upload upload, int chunk, ContentId hash, Stream body, CancellationToken cancellationToken)
    {
        if (chunk < 0 || chunk >= upload.State.ChunkCount) return No(UploadError.NoSuchChunk, $"chunk {chunk}: the file has chunks 0 to {upload.State.ChunkCount - 1}");
        UploadError entered = upload.TryEnter(chunk, out bool isThere);
        if (entered == UploadError.Busy) return No(entered, $"chunk {chunk} is on its way already: come again when that has ended");
        if (entered != UploadError.None) return No(entered, "the upload has ended: begin it anew");
        if (isThere) return UploadAnswer.Ok(upload);
        try
        {
            if (Interlocked.Increment(ref _inFlight) > _options.MaxChunksInFlight) return No(UploadError.Busy, $"{_options.MaxChunksInFlight} chunks are on their way, as many as there may be: come later");
            return await ReceiveAsync(upload, chunk, hash, body, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
            upload.Exit(chunk);
        }
    }

    /// <summary>Checks the whole file and makes it final. Answers the same however often it is asked.</summary>
    public async ValueTask<UploadAnswer> CommitAsync(Upload upload, CancellationToken cancellationToken)
    {
        await _committing.WaitAsync(cancellationToken);
        try
        {
            if (upload.IsCommitted) return UploadAnswer.Ok(upload);
            UploadError entered = upload.TryEnterCommit();
            if (entered == UploadError.Incomplete) return No(entered, $"{upload.Missing} of {upload.State.ChunkCount} chunks are not there");
            if (entered != UploadError.None) return No(entered, "the upload has ended: begin it anew");
            UploadAnswer answer;
            try
            {
                answer = await VerifyAsync(upload, cancellationToken);
            }
            finally
            {
                upload.ExitCommit();
            }

            if (answer.Error == UploadError.OtherFile) await DropAsync(upload, "other_file", CancellationToken.None);
            return answer;
        }
        finally
        {
            _committing.Release();
        }
    }

    private async ValueTask<UploadAnswer> ReceiveAsync(Upload upload, int chunk, ContentId hash, Stream body, CancellationToken cancellationToken)
    {
        UploadError error;
        try
        {
            // A descriptor of its own: a flush tells everything that went wrong in the file while it was open, and one that failed is not used again.
            using IFile data = _files.Open(DataPath(upload.Id), write: true);
            error = await CopyAsync(data, upload.State.OffsetOf(chunk), upload.State.LengthOf(chunk), hash, body, cancellationToken);
            if (error == UploadError.None) data.Flush();
            await upload.Changing.WaitAsync(CancellationToken.None);
            try
            {
                // Failed once is failed: a client that sends it wrong for ever does not let the state grow.
                if (error == UploadError.None) upload.Append(new UploadRecord(ChunkState.Success, chunk, hash, Now()));
                else if (upload.State[chunk] == ChunkState.Pending) upload.Append(new UploadRecord(ChunkState.Failed, chunk, hash, Now()));
            }
            finally
            {
                upload.Changing.Release();
            }
        }
        catch (BodyException broken)
        {
            throw new IOException(broken.Message, broken.InnerException);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(e, upload.Id);
        }

        Metrics.Chunk(error, upload.State.LengthOf(chunk));
        return error switch
        {
            UploadError.None => UploadAnswer.Ok(upload),
            UploadError.WrongSize => No(error, $"chunk {chunk} has {upload.State.LengthOf(chunk)} bytes: send exactly these"),
            _ => No(error, $"the bytes of chunk {chunk} are not those of {hash}: send it again"),
        };
    }

    private static async ValueTask<UploadError> CopyAsync(IFile data, long offset, int length, ContentId hash, Stream body, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            int done = 0;
            while (true)
            {
                int read = await ReadAsync(body, buffer, cancellationToken);
                if (read == 0) break;
                if (read > length - done) return UploadError.WrongSize;
                sha.AppendData(buffer, 0, read);
                data.Write(offset + done, buffer.AsSpan(0, read));
                done += read;
            }

            if (done < length) return UploadError.WrongSize;
            return ContentId.Read(sha.GetHashAndReset()) == hash ? UploadError.None : UploadError.WrongHash;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellationToken);
        }
        catch (IOException e)
        {
            throw new BodyException(e);
        }
    }

    private async ValueTask<UploadAnswer> VerifyAsync(Upload upload, CancellationToken cancellationToken)
    {
        await upload.Changing.WaitAsync(cancellationToken);
        try
        {
            List<int> damaged = Check(upload.State, out ContentId hash, cancellationToken);
            foreach (int chunk in damaged) upload.Append(new UploadRecord(ChunkState.Failed, chunk, upload.State.HashOf(chunk), Now()));
            if (damaged.Count > 0)
            {
                _logger.ChunksDamaged(DataPath(upload.Id), damaged.Count);
                return No(UploadError.Damaged, $"{damaged.Count} chunks were damaged on the server: send them again");
            }

            if (hash != upload.State.Claim.FileHash)
                return No(UploadError.OtherFile, $"the chunks make a file with the hash {hash}, announced was {upload.State.Claim.FileHash}: it has changed meanwhile, begin anew");
            upload.Append(UploadRecord.Commit(Now()));
            _logger.UploadCommitted(upload.Id, DataPath(upload.Id), upload.State.Claim.FileSize);
            return UploadAnswer.Ok(upload);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Failed(e, upload.Id);
        }
        finally
        {
            upload.Changing.Release();
        }
    }

    // Each chunk against its own hash in the same pass: what the disk has damaged is told from what was sent wrong, and is all that need be sent again.
    private List<int> Check(UploadState state, out ContentId hash, CancellationToken cancellationToken)
    {
        var damaged = new List<int>();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(state.ChunkBytes);
        try
        {
            using IFile data = _files.Open(DataPath(state.Claim.IdFor(state.Owner)), write: false);
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (int chunk = 0; chunk < state.ChunkCount; chunk++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<byte> bytes = buffer.AsSpan(0, state.LengthOf(chunk));
                int read = data.Read(state.OffsetOf(chunk), bytes);
                if (read < bytes.Length || ContentId.Of(bytes) != state.HashOf(chunk)) damaged.Add(chunk);
                sha.AppendData(bytes);
            }

            hash = ContentId.Read(sha.GetHashAndReset());
            return damaged;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Tells what the client's side broke from what the disk did.
    private sealed class BodyException(IOException cause) : Exception(cause.Message, cause);
}
