using System.Globalization;
using Weir.Log;

namespace Weir.Server.Exporting;

/// <summary>The file of one hour: where it is, and how it comes to be: written beside, flushed, renamed, its directory synced.</summary>
internal sealed class HourFile(IFileSystem files, ExportRequest request, long hourMs)
{
    private const string Name = "samples.parquet";

    /// <summary>Path below the export directory, with forward slashes; the folders are what readers call Hive partitions.</summary>
    public string RelativePath { get; } =
        string.Create(CultureInfo.InvariantCulture, $"tenant={request.Tenant}/date={DateTimeOffset.FromUnixTimeMilliseconds(hourMs):yyyy-MM-dd}/hour={DateTimeOffset.FromUnixTimeMilliseconds(hourMs):HH}/{Name}");

    private string FullPath => Path.Combine([request.Directory, .. RelativePath.Split('/')]);

    // Not *.parquet: a reader of the directory must not take a draft for a file.
    private string DraftPath => FullPath + ".new";

    /// <summary>Whether the file stands there with the size that was written.</summary>
    public bool IsIntact(ExportedHour hour)
    {
        if (!files.DirectoryExists(Path.GetDirectoryName(FullPath)!) || !files.FileExists(FullPath)) return false;
        using IFile file = files.Open(FullPath, write: false);
        return file.Length == hour.FileBytes;
    }

    /// <summary>Writes it; null, and no file, where the hour holds nothing.</summary>
    /// <exception cref="ExportException">The disk is full or refuses; the draft is gone, what stood there before still stands.</exception>
    public async Task<ExportedHour?> WriteAsync(HourReader reader, bool closed, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteDraftAsync(reader, closed, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RemoveDraft();
            throw new ExportException(
                $"{FullPath} cannot be written: {e.Message} Free space or pass another directory with --parquet, then run the same command again: hours already written are kept", ExitCode.Failed, e);
        }
        catch
        {
            RemoveDraft();
            throw;
        }
    }

    private async Task<ExportedHour?> WriteDraftAsync(HourReader reader, bool closed, CancellationToken cancellationToken)
    {
        var tally = new HourTally();
        string directory = Path.GetDirectoryName(FullPath)!, hash;
        long length;
        await using (IAsyncEnumerator<HostSeries> series = reader.ReadAsync(hourMs, cancellationToken).GetAsyncEnumerator(cancellationToken))
        {
            if (!await series.MoveNextAsync()) return null;
            files.CreateDirectory(directory);
            if (files.FileExists(DraftPath)) files.Delete(DraftPath);
            using IFile file = files.Create(DraftPath);
            await using var stream = new DraftStream(file);
            try
            {
                using var writer = new ParquetHourWriter(stream);
                do
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    tally.Add(series.Current.HostId, series.Current.Labels, series.Current.Samples);
                    writer.Add(series.Current);
                }
                while (await series.MoveNextAsync());
                writer.Finish();
            }
            catch (Exception e) when (stream.Failure is not null && e != stream.Failure)
            {
                throw new IOException(stream.Failure.Message, stream.Failure);
            }

            file.Flush();
            length = stream.Length;
            hash = stream.FinishHash();
        }

        files.Rename(DraftPath, FullPath);
        files.SyncDirectory(directory);
        return new ExportedHour
        {
            File = RelativePath, Rows = tally.Rows, Digest = tally.Digest, MinTimeMs = tally.MinTimeMs, MaxTimeMs = tally.MaxTimeMs,
            Closed = closed, FileBytes = length, FileSha256 = hash,
        };
    }

    private void RemoveDraft()
    {
        try
        {
            if (files.DirectoryExists(Path.GetDirectoryName(DraftPath)!) && files.FileExists(DraftPath)) files.Delete(DraftPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reason to be here is told; the next run removes the draft.
        }
    }
}
