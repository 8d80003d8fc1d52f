using System.IO.Compression;
using Weir.Agent.Commands;
using Weir.Agent.Recordings;

namespace Weir.Agent.Tests.Recordings;

/// <summary>Recordings as files: made by the command and read back, and what is none.</summary>
public sealed class RecordingFileTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("weir-recording-tests-").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private string Zip(params (string Name, byte[] Content)[] entries)
    {
        string path = Path.Combine(_work, "made.zip");
        using var file = new FileStream(path, FileMode.CreateNew);
        using var zip = new ZipArchive(file, ZipArchiveMode.Create);
        foreach ((string name, byte[] content) in entries)
        {
            using Stream entry = zip.CreateEntry(name).Open();
            entry.Write(content);
        }

        return path;
    }

    private static async Task<string> RefusalAsync(string path)
    {
        using var reader = new RecordingReader();
        return (await Assert.ThrowsAsync<RecordingException>(() => reader.ReadAsync(path))).Message;
    }

    [Fact]
    public async Task Record_AndRead_BringsBackEveryTick()
    {
        string path = Path.Combine(_work, "host.weir");
        using StringWriter output = new(), error = new();
        int code = await AgentCommandLine.RunAsync(["record", path, "--for", "3s"], output, error);
        Assert.True(code == ExitCodes.Ok, error.ToString());
        Assert.StartsWith($"recording into {path} for 3s; Ctrl+C ends it sooner", output.ToString(), StringComparison.Ordinal);

        using var reader = new RecordingReader();
        IReadOnlyList<RecordedGroup> groups = await reader.ReadAsync(path);
        Assert.Equal(0, reader.Unreadable);
        RecordedGroup high = Assert.Single(groups, static group => group is { Name: "high", IntervalMs: 1000 });
        Assert.InRange(high.Ticks.Count, 2, 4);
        Assert.EndsWith($"wrote {path}, {new FileInfo(path).Length} bytes: {high.Ticks.Count} ticks, {groups.Sum(static group => group.Ticks[^1].Values.Length)} series", output.ToString().TrimEnd(), StringComparison.Ordinal);
        Assert.All(high.Ticks.Zip(high.Ticks.Skip(1)), static pair => Assert.Equal(1000, pair.Second.TimeMs - pair.First.TimeMs));
        Assert.Contains(high.Ticks[0].Parts, static part => part.Template.Metrics[0].Name == "system.cpu.time");
        Assert.DoesNotContain(high.Ticks[0].Parts, static part => part.Template.Metrics[0].Name == "weir.agent.tick.skew");
        Assert.Equal(ExitCodes.Failed, await AgentCommandLine.RunAsync(["record", path, "--for", "1s"], output, error));
        Assert.Equal($"{path} exists already: name another file, or remove it", error.ToString().Trim());
    }

    [Fact]
    public async Task Read_WhatIsNone_IsRefusedWithTheReason()
    {
        string text = Path.Combine(_work, "text");
        await File.WriteAllTextAsync(text, "hello", TestContext.Current.CancellationToken);
        Assert.Equal("not a recording: no file that 'weir-agent record' has written, or a damaged one", await RefusalAsync(text));
        Assert.Equal("not a recording: it holds '../evil'", await RefusalAsync(Zip(("../evil", [1]))));
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "evil")));
    }

    [Theory]
    [InlineData("spool/../x")]
    [InlineData("spool/a/b")]
    [InlineData("spool/..")]
    [InlineData("agent")]
    public async Task Read_NamesThatASpoolHasNot_AreRefused(string name) => Assert.Equal($"not a recording: it holds '{name}'", await RefusalAsync(Zip((name, [1]))));

    [Fact]
    public async Task Read_WithoutTicks_IsRefused() =>
        Assert.Contains("recording", await RefusalAsync(Zip(("FORMAT", "weir-agent-data 1\n"u8.ToArray()))), StringComparison.Ordinal);

    [Theory]
    [InlineData("0s")]
    [InlineData("25h")]
    [InlineData("soon")]
    public async Task Record_ForWhatIsNotAllowed_IsBadUsage(string duration)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["record", Path.Combine(_work, "x"), "--for", duration], output, error));
        Assert.Contains($"--for: '{duration}' is not allowed", error.ToString(), StringComparison.Ordinal);
    }
}
