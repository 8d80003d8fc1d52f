using Weir.Agent.Services;

namespace Weir.Agent.Tests.Services;

public sealed class ServiceLogFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-log-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void TryWrite_BeyondTheLimit_KeepsTheFileBeforeAndNoMore()
    {
        using (var file = new ServiceLogFile(_directory, maxBytes: 100))
            for (int line = 0; line < 60; line++) Assert.True(file.TryWrite($"line {line}"));
        Assert.Equal([ServiceLogFile.FormerName, ServiceLogFile.Name], Directory.GetFiles(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.EndsWith("line 59\n", Read(), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_directory), static file => Assert.InRange(new FileInfo(file).Length, 1, 100));
    }

    [Fact]
    public void TryWrite_WhereTheFormerFileCannotBeReplaced_LosesNoLineAndStaysBounded()
    {
        string former = Path.Combine(_directory, ServiceLogFile.FormerName);
        Directory.CreateDirectory(former);
        using var file = new ServiceLogFile(_directory, maxBytes: 100);
        int first = 0;
        for (int line = 0; line < 100; line++)
        {
            Assert.True(file.TryWrite($"line {line:00}"));
            string text = Read();
            Assert.InRange(text.Length, 1, 200);
            if (text.Length < 9) first = line;
            Assert.Equal(string.Concat(Enumerable.Range(first, line - first + 1).Select(static written => $"line {written:00}\n")), text);
        }

        Assert.True(first > 0);
        Directory.Delete(former);
        Assert.True(file.TryWrite("then"));
        Assert.Equal("then\n", Read());
        Assert.EndsWith("line 99\n", File.ReadAllText(former), StringComparison.Ordinal);
    }

    [Fact]
    public void TryWrite_AfterARestart_GoesOnBehindWhatIsThere()
    {
        foreach (string line in (string[])["one", "two"])
            using (var file = new ServiceLogFile(_directory))
                Assert.True(file.TryWrite(line));
        Assert.Equal("one\ntwo\n", Read());
    }

    [Fact]
    public void TryWrite_WhereNothingCanBeWritten_SaysSoAndTriesAgain()
    {
        string taken = Path.Combine(_directory, "in the way");
        File.WriteAllText(taken, "");
        using var file = new ServiceLogFile(taken);
        Assert.False(file.TryWrite("lost"));
        File.Delete(taken);
        Assert.True(file.TryWrite("kept"));
        Assert.Equal("kept\n", File.ReadAllText(Path.Combine(taken, ServiceLogFile.Name)));
    }

    private string Read() => File.ReadAllText(Path.Combine(_directory, ServiceLogFile.Name));
}
