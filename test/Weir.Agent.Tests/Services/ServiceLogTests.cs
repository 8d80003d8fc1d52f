using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Weir.Agent.Services;

namespace Weir.Agent.Tests.Services;

public sealed class ServiceLogTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.Zero));
    private readonly List<string> _written = [];
    private readonly ManualResetEventSlim _disk = new(initialState: true);
    private readonly SemaphoreSlim _asked = new(0);
    private int _refusals;
    private bool _throws;

    public void Dispose()
    {
        _disk.Set();
        _disk.Dispose();
        _asked.Dispose();
    }

    private ServiceLog Open() => new(Write, _time);

    private bool Write(string lines)
    {
        _asked.Release();
        _disk.Wait();
        if (_refusals-- > 0) return _throws ? throw new NotSupportedException("an odd path") : false;
        _written.Add(lines);
        return true;
    }

    [Fact]
    public void Log_Message_IsALineWithTimeLevelCategoryAndId()
    {
        using (ServiceLog log = Open())
        using (var provider = new ServiceLoggerProvider(log))
#pragma warning disable CA1848, CA2254, CA1873 // one line of a test
            provider.CreateLogger("Weir.X").Log(LogLevel.Warning, new EventId(42), "odd", null, static (text, _) => text);
#pragma warning restore CA1848, CA2254, CA1873 // ends the above
        Assert.Equal(["2026-01-02T03:04:05.006Z warn: Weir.X[42] odd"], _written);
    }

    [Fact]
    public void Write_InPieces_IsOneLineAndTheEndKeepsWhatHasNoEnd()
    {
        using (ServiceLog log = Open())
        {
            log.Write("a");
            log.Write('b');
            log.WriteLine();
            log.Write("c");
        }

        Assert.Equal(["2026-01-02T03:04:05.006Z ab", "2026-01-02T03:04:05.006Z c"], _written);
    }

    [Fact]
    public async Task WriteLine_WhileTheDiskHangs_ReturnsAndWhatDoesNotFitIsCountedWhereItIsMissing()
    {
        _disk.Reset();
        using (ServiceLog log = Open())
        {
            log.WriteLine("hangs");
            await _asked.WaitAsync(TestContext.Current.CancellationToken);
            for (int line = 0; line < ServiceLog.MaxLines + 7; line++) log.WriteLine($"line {line}");
            _disk.Set();
            // Each that is asked of has left its place to the next: the last that waited, too.
            for (int line = 0; line < ServiceLog.MaxLines; line++) await _asked.WaitAsync(TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromSeconds(1));
            log.WriteLine("after");
        }

        Assert.Equal(ServiceLog.MaxLines + 2, _written.Count);
        Assert.EndsWith("hangs", _written[0], StringComparison.Ordinal);
        Assert.Equal("2026-01-02T03:04:05.006Z line 0", _written[1]);
        Assert.Equal($"2026-01-02T03:04:05.006Z line {ServiceLog.MaxLines - 1}", _written[^2]);
        Assert.Equal("2026-01-02T03:04:06.006Z 7 lines could not be written here\n2026-01-02T03:04:06.006Z after", _written[^1]);
    }

    [Fact]
    public void Dispose_AfterLinesThatWereNotTaken_SaysHowMany()
    {
        _refusals = 2;
        using (ServiceLog log = Open())
            foreach (string line in (string[])["lost", "lost too"]) log.WriteLine(line);

        Assert.Equal(["2026-01-02T03:04:05.006Z 2 lines could not be written here"], _written);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WriteLine_ThatIsNotTaken_IsCountedByTheNextThatIs(bool throws)
    {
        _throws = throws;
        _refusals = 2;
        using (ServiceLog log = Open())
            foreach (string line in (string[])["lost", "lost too", "kept"]) log.WriteLine(line);

        Assert.Equal(["2026-01-02T03:04:05.006Z 2 lines could not be written here\n2026-01-02T03:04:05.006Z kept"], _written);
    }

    [Fact]
    public void WriteLine_AfterTheEnd_IsDropped()
    {
        ServiceLog log = Open();
        log.Dispose();
        log.WriteLine("late");
        Assert.Empty(_written);
    }
}
