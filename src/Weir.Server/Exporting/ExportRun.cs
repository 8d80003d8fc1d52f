using System.Globalization;
using Weir.Contracts;
using Weir.Log;
using Weir.Server.Hosting;

namespace Weir.Server.Exporting;

/// <summary>Exports hour by hour. Repeatable: a run after a kill, at any moment, makes the directory what one undisturbed run would have made it.</summary>
/// <remarks>
/// The rule: an hour is read, and written when what the store holds of it differs from what the manifest says of its file (rows and digest),
/// or when the file is missing or of another size. It is written whole and replaces the file, so no sample can stand twice.
/// An hour of which the store holds fewer samples than the file is kept: retention takes from the store, an export must not follow.
/// </remarks>
internal sealed class ExportRun(IFileSystem files, ISeriesReader series, IHostReader hosts, TimeProvider time, Action<string> report)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="ExportException">It cannot go on; hours already written are kept and named in the manifest.</exception>
    public async Task<ExportSummary> RunAsync(ExportRequest request, CancellationToken cancellationToken)
    {
        using IDisposable held = Lock(request.Directory);
        ExportManifest manifest = ExportManifest.Open(files, request);
        var gaps = new ReadGaps();
        var reader = new HourReader(series, hosts, request, gaps);
        var summary = new ExportSummary();
        await foreach (long hourMs in new StoredHours(series, request, gaps).FindAsync(cancellationToken))
        {
            var file = new HourFile(files, request, hourMs);
            bool closed = hourMs + StoredHours.HourMs <= time.GetUtcNow().ToUnixTimeMilliseconds();
            ExportedHour? before = manifest.Find(file.RelativePath), after = await ExportHourAsync(reader, file, before, hourMs, closed, summary, cancellationToken);
            if (after is null || after == before) continue;
            manifest.Set(after);
            Save(manifest, request.Directory);
        }

        summary.Warning = gaps.ToString();
        return summary;
    }

    private async Task<ExportedHour?> ExportHourAsync(
        HourReader reader, HourFile file, ExportedHour? before, long hourMs, bool closed, ExportSummary summary, CancellationToken cancellationToken)
    {
        if (before is not null && file.IsIntact(before))
        {
            var tally = new HourTally();
            await foreach (HostSeries each in reader.ReadAsync(hourMs, cancellationToken)) tally.Add(each.HostId, each.Labels, each.Samples);
            if (tally.Rows < before.Rows)
            {
                summary.Kept++;
                Say(file, $"kept: the store holds {tally.Rows} samples of the {before.Rows} exported (expired or unreadable)");
                return before;
            }

            if (tally.Rows == before.Rows && tally.Digest == before.Digest)
            {
                summary.Unchanged++;
                return before.Closed == closed ? before : before with { Closed = closed };
            }
        }

        ExportedHour? after = await file.WriteAsync(reader, closed, cancellationToken);
        if (after is null) return null;
        summary.Written++;
        summary.Rows += after.Rows;
        summary.Bytes += after.FileBytes;
        Say(file, $"{after.Rows} samples, {after.FileBytes} bytes{(before is null ? "" : ", rewritten")}{(closed ? "" : ", hour not over")}");
        return after;
    }

    private void Say(HourFile file, FormattableString what) => report($"{file.RelativePath}: {what.ToString(CultureInfo.InvariantCulture)}");

    private IDisposable Lock(string directory)
    {
        if (files.DirectoryExists(directory) && files.FileExists(Path.Combine(directory, DataDirectory.FormatFile)))
            throw new ExportException($"{directory} is a data directory: pass another one with --parquet", ExitCode.Usage);
        try
        {
            files.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExportException($"{directory} cannot be made: {e.Message} Pass a directory that this user may write to with --parquet", ExitCode.Environment, e);
        }

        try
        {
            return files.Lock(Path.Combine(directory, "EXPORT.lock"));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ExportException($"{directory} is not writable: give this user write access, or pass another directory with --parquet", ExitCode.Environment, e);
        }
        catch (IOException e)
        {
            throw new ExportException($"{directory} is being written by another export ({e.Message}): wait for it, or pass another directory with --parquet", ExitCode.Environment, e);
        }
    }

    private static void Save(ExportManifest manifest, string directory)
    {
        try
        {
            manifest.Save();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExportException(
                $"{Path.Combine(directory, ExportManifest.FileName)} cannot be written: {e.Message} Free space, then run the same command again", ExitCode.Failed, e);
        }
    }
}
