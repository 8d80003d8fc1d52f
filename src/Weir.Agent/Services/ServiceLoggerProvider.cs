namespace Weir.Agent.Services;

/// <summary>Writes log messages as lines: level, category, event id, message, then the exception.</summary>
/// <remarks>Does not own the writer.</remarks>
internal sealed class ServiceLoggerProvider(TextWriter log) : ILoggerProvider
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(log, categoryName);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class LineLogger(TextWriter log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.WriteLine($"{Word(logLevel)}: {category}[{eventId.Id}] {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");

        private static string Word(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
