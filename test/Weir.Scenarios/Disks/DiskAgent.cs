using System.Collections.Concurrent;
using Grpc.Core;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Scenarios.Disks;

/// <summary>An agent that sends one frame at a time, again until it is acknowledged, and counts the refusals.</summary>
internal sealed class DiskAgent(int number, Uri gateway)
{
    /// <summary>Time of the first tick, Unix ms.</summary>
    public const long FirstMs = 1_700_000_000_000;

    private readonly TestAgent _agent = new(number, series: 20);
    private readonly ConcurrentQueue<long> _acknowledged = new();
    private IReadOnlyList<byte[]> _objects = [];
    private volatile int _retried;

    /// <summary>Frames acknowledged so far.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Times of their ticks.</summary>
    public IReadOnlyCollection<long> AcknowledgedTimes => _acknowledged;

    /// <summary>How often the gateway answered RETRY.</summary>
    public int Retried => _retried;

    /// <summary>Time of the newest tick.</summary>
    public long LastMs { get; private set; } = FirstMs;

    /// <summary>Sends over one connection until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using TestStream stream = await TestStream.ConnectAsync(gateway, _agent.Id, cancellationToken);
            byte[] start = _agent.EpochStart(FirstMs);
            _objects = _agent.Objects(FirstMs);
            foreach (byte[] entry in (byte[][])[start, .. _objects]) await SendAsync(stream, entry, cancellationToken);
            while (true)
            {
                await SendAsync(stream, _agent.Frame(LastMs), cancellationToken);
                _acknowledged.Enqueue(LastMs);
                LastMs += TestAgent.IntervalMs;
            }
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && e is OperationCanceledException or RpcException)
        {
            // Told to end.
        }
    }

    private async Task SendAsync(TestStream stream, byte[] entry, CancellationToken cancellationToken)
    {
        while (true)
        {
            await stream.SendAsync(_agent, [entry], cancellationToken);
            IReadOnlyList<Answer> answers = await stream.ReadAnswersAsync(cancellationToken);
            if (answers is [{ KindCase: Answer.KindOneofCase.Ack }]) return;
            if (answers is [{ KindCase: Answer.KindOneofCase.Need }])
            {
                // A gateway whose log did not take an append asks for the stream's objects anew.
                foreach (byte[] each in _objects) await SendAsync(stream, each, cancellationToken);
                continue;
            }

            Assert.Equal(Answer.KindOneofCase.Retry, Assert.Single(answers).KindCase);
            Interlocked.Increment(ref _retried);
            await Task.Delay(20, cancellationToken);
        }
    }
}
