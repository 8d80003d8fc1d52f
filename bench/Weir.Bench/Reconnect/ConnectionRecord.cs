using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Weir.Bench.Reconnect;

/// <summary>Every connection attempt of a fleet of agents, as their uplinks tell it in their messages. Thread-safe.</summary>
internal sealed class ConnectionRecord(int agents, TimeProvider time)
{
    private readonly ConcurrentQueue<ConnectionEvent> _events = new();
    private readonly long[] _welcomedAt = [.. Enumerable.Repeat(-1L, agents)];
    private readonly long _start = time.GetTimestamp();

    /// <summary>Time since the recording began.</summary>
    public TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>All steps in order of time.</summary>
    public ConnectionEvent[] Events => [.. _events.OrderBy(static each => each.At)];

    /// <summary>How many agents a gateway has welcomed since a time.</summary>
    public int WelcomedSince(TimeSpan at) => _welcomedAt.Count(welcomed => Interlocked.Read(ref welcomed) >= at.Ticks);

    /// <summary>Where an agent's uplink writes its messages.</summary>
    public ILoggerFactory LoggersOf(int agent) => new UplinkMessages(this, agent);

    private void Note(int agent, ConnectionStep step, string reason)
    {
        TimeSpan now = Now;
        if (step == ConnectionStep.Welcomed) Interlocked.Exchange(ref _welcomedAt[agent], now.Ticks);
        _events.Enqueue(new ConnectionEvent(now, agent, step, reason));
    }

    private sealed class UplinkMessages(ConnectionRecord record, int agent) : ILoggerFactory, ILogger
    {
        // Ids of the agent's messages are stable: connected, disconnected, connecting, still disconnected.
        private static readonly Dictionary<int, ConnectionStep> Steps = new()
        {
            [4201] = ConnectionStep.Welcomed, [4202] = ConnectionStep.Ended, [4208] = ConnectionStep.Attempted, [4209] = ConnectionStep.Ended,
        };

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!Steps.TryGetValue(eventId.Id, out ConnectionStep step)) return;
            var values = (IReadOnlyList<KeyValuePair<string, object?>>)state!;
            record.Note(agent, step, values.FirstOrDefault(static value => value.Key == "Reason").Value as string ?? "");
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
