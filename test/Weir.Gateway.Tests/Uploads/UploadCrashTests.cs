using Weir.Frames;
using Weir.TestKit.FileSystem;

namespace Weir.Gateway.Tests.Uploads;

/// <summary>A crash between every two steps of uploads that begin, fail, resume, commit and are given up.</summary>
public sealed class UploadCrashTests
{
    private const int Size = (2 * UploadHarness.ChunkBytes) + 300;

    [Fact]
    public async Task A_crash_at_any_step_loses_no_acknowledged_chunk_and_leaves_nothing_behind()
    {
        (List<string> violations, int crashes, int obligations) = await RunAsync(static _ => false, seeds: 8);
        Assert.Empty(violations);
        Assert.True(crashes > 150, $"only {crashes} crashes: the script is too short to prove anything");
        Assert.True(obligations > 300, $"only {obligations} obligations");
    }

    [Theory]
    [InlineData(FlushKind.Block)]
    [InlineData(FlushKind.FirstOfFile)]
    [InlineData(FlushKind.Draft)]
    [InlineData(FlushKind.DirectoryAfterRename)]
    public async Task A_flush_left_out_is_found_out(FlushKind kind)
    {
        (List<string> violations, _, _) = await RunAsync(left => left == kind, seeds: 20);
        Assert.NotEmpty(violations);
    }

    private static async Task<(List<string> Violations, int Crashes, int Obligations)> RunAsync(Func<FlushKind, bool> leaveOut, int seeds)
    {
        var violations = new List<string>();
        int crashes = 0, obligations = 0;
        for (int seed = 0; seed < seeds; seed++)
        {
            for (int step = 1; ; step++)
            {
                var run = new CrashRun(leaveOut, step);
                bool finished = await run.ScriptAsync();
                crashes++;
                run.Harness.Files.Crash(new Random((seed * 100_003) + step));
                if (await run.CheckAsync() is { } violation) violations.Add($"seed {seed}, step {step}: {violation}");
                obligations += run.Obligations;
                if (finished) break;
            }
        }

        return (violations, crashes, obligations);
    }

    private sealed class CrashRun
    {
        private readonly byte[] _first = UploadHarness.Content(Size, seed: 1);
        private readonly byte[] _second = UploadHarness.Content(Size, seed: 2);
        private readonly HashSet<int> _acked = [];
        private bool _committed;
        private bool _begun;

        public CrashRun(Func<FlushKind, bool> leaveOut, int step)
        {
            Harness.Files.CreateDirectory(UploadHarness.Directory);
            Harness.Files.LeaveOut = leaveOut;
            Harness.Files.CrashAtStep = step;
        }

        public UploadHarness Harness { get; } = new();

        public int Obligations => _acked.Count + (_committed ? 1 : 0) + (_begun ? 1 : 0);

        public async Task<bool> ScriptAsync()
        {
            if (await Harness.TryBeginAsync(UploadHarness.Claim(_second)) is not { Upload: { } second }) return false;
            if (!await PutAsync(second, _second, 0)) return false;
            if (await Harness.TryBeginAsync(UploadHarness.Claim(_first)) is not { Upload: { } first }) return false;
            _begun = true;
            byte[] wrong = UploadHarness.Content(UploadHarness.ChunkBytes, seed: 9);
            if ((await Harness.PutAsync(first, 1, wrong, default)).Error != UploadError.WrongHash) return false;
            foreach (int chunk in (int[])[2, 1, 0])
            {
                if (!await PutAsync(first, _first, chunk)) return false;
                _acked.Add(chunk);
            }

            if ((await Harness.CommitAsync(first)).Error != UploadError.None) return false;
            _committed = true;
            // The other is given up: what it leaves behind must not outlive the next start.
            Harness.Time.Advance(TimeSpan.FromDays(8));
            await Harness.Store.CollectAsync(CancellationToken.None);
            return !Harness.Files.HasStopped;
        }

        public async Task<string?> CheckAsync()
        {
            Harness.Open();
            string[] ids = [.. Harness.Store.All.Select(static upload => upload.Id)];
            string[] expected = [.. ids.SelectMany(static id => (string[])[id + ".data", id + ".state"]).Order(StringComparer.Ordinal)];
            if (!Harness.Names.SequenceEqual(expected)) return $"left behind: {string.Join(' ', Harness.Names.Except(expected))}";
            string firstId = UploadHarness.Claim(_first).IdFor(Harness.Owner);
            if (_begun && !ids.Contains(firstId)) return "an upload that was begun has vanished";
            Upload first = await Harness.BeginAsync(_first);
            foreach (int chunk in _acked)
                if (first.State[chunk] != ChunkState.Success) return $"chunk {chunk} was acknowledged and is {first.State[chunk]}";
            if (_committed && !first.IsCommitted) return "the commit was acknowledged and is gone";
            foreach (int chunk in first.ChunksIn(ChunkState.Success))
            {
                byte[] stored = Harness.Stored(first)[(int)first.State.OffsetOf(chunk)..];
                if (!stored.AsSpan(0, first.State.LengthOf(chunk)).SequenceEqual(UploadHarness.Chunk(_first, chunk))) return $"chunk {chunk} is there with other bytes";
            }

            // It goes on as if nothing had been.
            foreach (int chunk in first.ChunksIn(ChunkState.Pending).Concat(first.ChunksIn(ChunkState.Failed)))
                if (!await PutAsync(first, _first, chunk)) return $"chunk {chunk} is not taken";
            if ((await Harness.CommitAsync(first)).Error != UploadError.None || !Harness.Stored(first).SequenceEqual(_first)) return "the file does not become whole";
            return null;
        }

        private async Task<bool> PutAsync(Upload upload, byte[] content, int chunk) => (await Harness.PutAsync(upload, content, chunk)).Error == UploadError.None;
    }
}
