using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Services;

namespace Weir.Agent.Tests.Services;

public sealed class ServiceLogFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weir-log-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Log_Message_IsALineWithTimeLevelCategoryAndId()
    {
        using (ServiceLogFile log = Open())
        using (var provider = new ServiceLoggerProvider(log))
#pragma warning disable CA1848, CA2254, CA1873 // one line of a test
            provider.CreateLogger("Weir.X").Log(LogLevel.Warning, new EventId(42), "odd", null, static (text, _) => text);
#pragma warning restore CA1848, CA2254, CA1873 // ends the above
        Assert.Equal("2026-01-02T03:04:05.006Z warn: Weir.X[42] odd\n", Read(ServiceLogFile.Name));
    }

    [Fact]
    public void Write_InPieces_IsOneLine()
    {
        using (ServiceLogFile log = Open())
        {
            log.Write("a");
            log.Write('b');
            log.WriteLine();
        }

        Assert.EndsWith("Z ab\n", Read(ServiceLogFile.Name), StringComparison.Ordinal);
    }

    [Fact]
    public void WriteLine_BeyondTheLimit_KeepsTheFileBeforeAndNoMore()
    {
        using (ServiceLogFile log = Open(maxBytes: 100))
            for (int line = 0; line < 20; line++) log.WriteLine($"line {line}");
        Assert.Equal([ServiceLogFile.FormerName, ServiceLogFile.Name], Directory.GetFiles(_directory).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.EndsWith("line 19\n", Read(ServiceLogFile.Name), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_directory), static file => Assert.InRange(new FileInfo(file).Length, 1, 100));
    }

    [Fact]
    public void WriteLine_AfterARestart_GoesOnBehindWhatIsThere()
    {
        using (ServiceLogFile log = Open()) log.WriteLine("one");
        using (ServiceLogFile log = Open()) log.WriteLine("two");
        Assert.Equal(2, Read(ServiceLogFile.Name).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void WriteLine_WhereNothingCanBeWritten_DropsTheLineAndSaysSoLater()
    {
        string file = Path.Combine(_directory, "in the way");
        File.WriteAllText(file, "");
        using (var log = new ServiceLogFile(file, _time))
        {
            log.WriteLine("lost");
            File.Delete(file);
            log.WriteLine("kept");
        }

        string[] lines = File.ReadAllLines(Path.Combine(file, ServiceLogFile.Name));
        Assert.EndsWith("1 lines could not be written here", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("kept", lines[1], StringComparison.Ordinal);
    }

    private ServiceLogFile Open(long maxBytes = 1 << 20) => new(_directory, _time, maxBytes);

    private string Read(string name) => File.ReadAllText(Path.Combine(_directory, name));
}
