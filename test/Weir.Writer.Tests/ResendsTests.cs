using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Contracts;
using Weir.Log;
using Weir.Protocol.V1;
using Weir.TestKit.FileSystem;
using Weir.Writer.Healing;

namespace Weir.Writer.Tests;

public sealed class ResendsTests
{
    [Fact]
    public void Run_MorePlacesAskedForThanThereAre_AgentsThatAreAwayMakeRoomForThoseThatAreThere()
    {
        var time = new FakeTimeProvider();
        var files = new CrashFileSystem();
        files.CreateDirectory("/");
        var directives = new RecordingDirectives { Connected = false };
        using var metrics = new WriterMetrics();
        var options = new WriterOptions();
        var resends = new Resends(0, DamageBook.Open(files, "/damage", 0), options, new WriterServices(NullLogger.Instance, metrics, directives, time));
        Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> missing = Missing(1, Resends.MaxEpochs);
        resends.Run(missing);
        time.Advance(options.GapPatience);
        resends.Run(missing);

        // All places are taken by agents that could not be reached.
        foreach ((var key, SeqSet holes) in Missing(Resends.MaxEpochs + 1, 10)) missing.Add(key, holes);
        resends.Run(missing);
        directives.Connected = true;
        time.Advance(options.GapPatience);
        resends.Run(missing);
        HashSet<AgentId> asked = [.. directives.Sent.Select(static sent => sent.Agent)];
        Assert.Equal(Resends.MaxEpochs, asked.Count);
        Assert.All(Missing(Resends.MaxEpochs + 1, 10).Keys, key => Assert.Contains(key.Agent.Agent, asked));

        // Those that were reached keep their places.
        directives.Sent.Clear();
        foreach ((var key, SeqSet holes) in Missing(Resends.MaxEpochs + 11, 10)) missing.Add(key, holes);
        time.Advance(TimeSpan.FromMinutes(1));
        resends.Run(missing);
        Assert.All(directives.Sent, sent => Assert.Contains(sent.Agent, asked));
    }

    [Fact]
    public void Run_AnHeirIsAskedInTheAgentsPlace_LosesNothing_HoweverOften()
    {
        var time = new FakeTimeProvider();
        var files = new CrashFileSystem();
        files.CreateDirectory("/");
        var directives = new RecordingDirectives { AreHeirs = true };
        using var metrics = new WriterMetrics();
        var options = new WriterOptions();
        var resends = new Resends(0, DamageBook.Open(files, "/damage", 0), options, new WriterServices(NullLogger.Instance, metrics, directives, time));
        Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> missing = Missing(1, 1);
        for (int i = 0; i < 3 * Resends.MaxSent; i++) Assert.Empty(Pass());
        Assert.True(directives.Sent.Count > 2 * Resends.MaxSent, $"asked {directives.Sent.Count} times");

        // The agent is back: its own word counts.
        (directives.AreHeirs, directives.Answer) = (false, DirectiveStatus.Refused);
        Assert.Empty(Pass());
        Assert.Equal((1UL, 1UL, true), Pass().Select(static lost => (lost.First, lost.Last, lost.IsLost)).Single());

        IReadOnlyList<MissingEntries> Pass()
        {
            time.Advance(options.GapPatience + TimeSpan.FromMinutes(10));
            return resends.Run(missing);
        }
    }

    private static Dictionary<(AgentKey Agent, ulong Epoch), SeqSet> Missing(int first, int count)
    {
        var missing = new Dictionary<(AgentKey Agent, ulong Epoch), SeqSet>();
        for (int i = first; i < first + count; i++)
        {
            var holes = new SeqSet();
            holes.Add(1, 1);
            missing[(new AgentKey("default", new AgentId(7, (ulong)i)), 1)] = holes;
        }

        return missing;
    }
}
