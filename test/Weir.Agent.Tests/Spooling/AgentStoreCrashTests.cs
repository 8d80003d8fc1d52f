using Weir.Agent.Collection;
using Weir.Agent.Spooling;
using Weir.Frames;
using Weir.TestKit.FileSystem;

namespace Weir.Agent.Tests.Spooling;

/// <summary>A crash between every two steps of a script of starts, frames, acks, clock steps, new epochs and a budget that is exceeded.</summary>
public sealed class AgentStoreCrashTests
{
    private const int Seeds = 3;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_at_any_step_loses_no_spooled_entry_without_declaring_it(bool profiled)
    {
        var violations = new List<string>();
        int crashes = 0, spooled = 0, tombstones = 0, frames = 0, refusals = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            for (int step = 1; ; step++)
            {
                var run = new CrashRun(profiled);
                bool finished = await run.ScriptAsync(step);
                crashes++;
                (run.Harness.Files.FreeBytes, run.Harness.Files.FailNextFlush) = (null, false);
                refusals += run.Refusals;
                run.Harness.Files.Crash(new Random((seed * 100_003) + step));
                if (await run.CheckAsync() is { } violation) violations.Add($"seed {seed}, step {step}: {violation}");
                spooled += run.Spooled.Count;
                tombstones += run.Tombstones;
                frames += run.Frames;
                if (finished) break;
            }
        }

        Assert.Empty(violations);
        Assert.True(crashes > 300, $"only {crashes} crashes: the script is too short to prove anything");
        Assert.True(refusals > 100, $"only {refusals} frames were refused");
        Assert.True(spooled > 1000, $"only {spooled} entries");
        Assert.True(profiled ? frames > 1000 : frames == 0, $"{frames} frames of codec 1");
        Assert.True(tombstones > 100, $"only {tombstones} tombstones: the budget was never exceeded");
    }

    private sealed class CrashRun(bool profiled)
    {
        public StoreHarness Harness { get; } = profiled
            ? new() { SpoolBytes = 6_000, SegmentBytes = 1_000, Profiles = new GroupProfiles(1000) }
            : new() { SpoolBytes = 6_000, SegmentBytes = 1_000 };

        /// <summary>Names of entries that were durable when their append returned.</summary>
        public HashSet<(ulong Epoch, ulong Seq)> Spooled { get; } = [];

        public HashSet<(ulong Epoch, ulong Seq)> Settled { get; } = [];

        public int Tombstones { get; private set; }

        /// <summary>Frames of codec 1, decoded with the objects of their segment alone.</summary>
        public int Frames { get; private set; }

        public int Refusals { get; private set; }

        private uint Generation { get; set; }

        public async Task<bool> ScriptAsync(int crashAt)
        {
            Harness.Files.CrashAtStep = crashAt;
            try
            {
                Harness.Files.CreateDirectory("/");
                await Harness.OpenAsync();
                await FramesAsync(6);
                Settle(3);
                Harness.Store.SaveAcks();
                Generation = await Harness.Store.NextClockGenerationAsync(CancellationToken.None);
                await Harness.RestartAsync();
                await FramesAsync(15);
                await Harness.Store.StartEpochAsync(CancellationToken.None);
                await RefuseAsync(() => Harness.Files.FailNextFlush = true);
                await FramesAsync(10);
                await RefuseAsync(() => Harness.Files.FreeBytes = 50);
                Harness.Files.FreeBytes = null;
                await Harness.RestartAsync();
                await FramesAsync(6);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }

        public async Task<string?> CheckAsync()
        {
            await Harness.OpenAsync();
            AgentStore store = Harness.Store;
            if (store.ClockGeneration < Generation) return "the clock generation went back";
            List<SpooledItem> items = Harness.Items();
            Tombstone[] tombstones = [.. items.Where(static item => item.Header.Kind == EntryKind.Tombstone).Select(static item => item.Tombstone)];
            Tombstones = tombstones.Length;
            if (Order(items) is { } disorder) return disorder;
            HashSet<(ulong, ulong)> held = [.. items.Select(static item => (item.Epoch, item.Seq))];
            foreach ((ulong epoch, ulong seq) in Spooled)
            {
                bool declared = tombstones.Any(tombstone => tombstone.Epoch == epoch && tombstone.FirstSeq <= seq && seq <= tombstone.LastSeq);
                if (!held.Contains((epoch, seq)) && !declared && !Settled.Contains((epoch, seq))) return $"entry {epoch:x} {seq} vanished";
                if (declared && !store.IsSettled(epoch, seq)) return $"entry {epoch:x} {seq} is declared lost and not settled";
            }

            Frames += Harness.Segments().Sum(static segment => segment.ProfiledFrames);
            // It works on as if nothing had been.
            await Harness.AppendFramesAsync(2);
            await store.DisposeAsync();
            return null;
        }

        private async Task FramesAsync(int count)
        {
            for (int i = 0; i < count; i++)
            {
                await Harness.AppendFramesAsync(1);
                OpenEpochInfo epoch = Harness.Store.OpenEpochs[^1];
                for (ulong seq = 1; seq <= epoch.LastSeq; seq++) Spooled.Add((epoch.Epoch, seq));
            }
        }

        // The disk takes nothing for a moment: the frame is refused, or goes where settled segments stood, and the store goes on by itself.
        private async Task RefuseAsync(Action fault)
        {
            fault();
            try
            {
                await Harness.AppendFramesAsync(1);
            }
            catch (IOException) when (!Harness.Files.HasStopped)
            {
                Refusals++;
            }

            Harness.Time.Advance(TimeSpan.FromSeconds(1));
        }

        private void Settle(ulong last)
        {
            OpenEpochInfo epoch = Harness.Store.OpenEpochs[^1];
            Harness.Store.Settle(epoch.Epoch, 1, last);
            for (ulong seq = 1; seq <= last; seq++) Settled.Add((epoch.Epoch, seq));
        }

        // Epochs one after the other with rising start numbers, seqs without a gap; only the oldest may begin late.
        private static string? Order(List<SpooledItem> items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                if (items[i].Bytes.Length == 0) return $"entry {i} is damaged";
                bool isNext = i > 0 && items[i].Epoch == items[i - 1].Epoch && items[i].Seq == items[i - 1].Seq + 1;
                bool isNew = i > 0 && items[i].Seq == 1 && items[i].IsEpochStart && items[i].Entry.StartNumber > items[i - 1].Entry.StartNumber;
                if (i > 0 && !isNext && !isNew) return $"entry {i} ({items[i].Epoch:x} {items[i].Seq}) does not follow {items[i - 1].Epoch:x} {items[i - 1].Seq}";
            }

            return null;
        }
    }
}
