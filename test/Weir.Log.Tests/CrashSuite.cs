using Weir.TestKit.FileSystem;

namespace Weir.Log.Tests;

/// <summary>What a run of <see cref="CrashSuite"/> met.</summary>
internal sealed record CrashSummary(IReadOnlyList<string> Violations, int Crashes, int Acknowledged, int TornTails, int DamagedEntries);

/// <summary>Runs one script with a crash at each of its steps in turn, recovers, writes on, crashes again, recovers.</summary>
internal static class CrashSuite
{
    public static async Task<CrashSummary> RunAsync(Func<FlushKind, bool> leaveOut, int seeds)
    {
        var violations = new List<string>();
        int crashes = 0, acknowledged = 0, torn = 0, damaged = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            for (int step = 1; ; step++)
            {
                var files = new CrashFileSystem { LeaveOut = leaveOut, CrashAtStep = step };
                var ledger = new LogLedger();
                var random = new Random((seed * 100_003) + step);
                bool finished = await ScriptAsync(files, ledger);
                files.FailNextFlush = false;
                files.Crash(random);
                crashes++;
                // The second crash strikes recovery itself, the third what follows it.
                for (int again = 0; again < 3; again++)
                {
                    files.CrashAtStep = again < 2 && random.Next(2) == 0 ? files.Steps + random.Next(1, 12) : 0;
                    (string? violation, LogRecovery? recovery) = await RecoverAsync(files, ledger);
                    if (violation is not null) violations.Add($"seed {seed}, step {step}, recovery {again}: {violation}");
                    if (recovery?.TornBytes > 0) torn++;
                    damaged += recovery?.DamagedEntries.Count ?? 0;
                    files.Crash(random);
                }

                acknowledged += ledger.Acknowledged;
                if (finished) break;
            }
        }

        return new CrashSummary(violations, crashes, acknowledged, torn, damaged);
    }

    private static async Task<bool> ScriptAsync(CrashFileSystem files, LogLedger ledger)
    {
        try
        {
            files.CreateDirectory("/");
            files.CreateDirectory(LogLedger.Directory);
            files.Replace(LogLedger.Directory, "note", "1"u8);
            files.Replace(LogLedger.Directory, "note", "2"u8);
            await using (SegmentLog log = LogLedger.Open(files))
            {
                foreach (int entries in (int[])[1, 2, 5, 1, 9, 3, 1, 8])
                    if (!await ledger.AppendAsync(log, entries)) return false;
                // Blocks that fail: in the middle of a segment, and as the first of one. The log goes on by itself.
                foreach (int entries in (int[])[2, 1, 4])
                {
                    files.FailNextFlush = true;
                    if (await ledger.AppendAsync(log, entries) || files.HasStopped) return false;
                    LogLedger.Time.Advance(TimeSpan.FromSeconds(1));
                    if (!await ledger.AppendAsync(log, entries)) return false;
                    log.EndSegment();
                }

                ledger.Truncate(log);
                if (!await ledger.AppendAsync(log, 6)) return false;
                ledger.Truncate(log);
            }

            await using SegmentLog again = LogLedger.Open(files);
            return await ledger.AppendAsync(again, 4);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<(string? Violation, LogRecovery? Recovery)> RecoverAsync(CrashFileSystem files, LogLedger ledger)
    {
        try
        {
            await using SegmentLog log = LogLedger.Open(files);
            string? violation = ledger.Check(log);
            // Once the machine has stopped nothing can be read any more.
            if (await ledger.AppendAsync(log, 3)) violation ??= ledger.Check(log);
            return (files.HasStopped ? null : violation, log.Recovery);
        }
        catch (SimulatedCrashException)
        {
            return (null, null);
        }
        catch (LogException e) when (e.InnerException is SimulatedCrashException)
        {
            return (null, null);
        }
        catch (Exception e)
        {
            return ($"{e.GetType().Name}: {e.Message}", null);
        }
    }
}
