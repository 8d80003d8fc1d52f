using Microsoft.Extensions.Logging;

namespace Weir.Agent.Tests.Collectors;

/// <summary>Keeps what is logged, event id first.</summary>
internal sealed class RecordedLog : ILogger
{
    public List<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add($"{eventId.Id} {formatter(state, exception)}");
}
