using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using Grpc.Core;
using Weir.Agent.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.Protocol.V1;
using Weir.TestKit.Agents;

namespace Weir.Scenarios.Kills;

/// <summary>An agent that sends frame after frame, keeps what is not acknowledged, and connects again whatever happens.</summary>
/// <param name="number">Tells agents apart.</param>
/// <param name="gateway">Where it connects.</param>
/// <param name="pauseMs">Between two frames; 0: as fast as they are acknowledged.</param>
internal sealed class LoadAgent(int number, Uri gateway, int pauseMs = 0)
{
    /// <summary>Time of the first tick, Unix ms.</summary>
    public const long FirstMs = 1_700_000_000_000;

    private const int MaxUnanswered = 32;

    private readonly TestAgent _agent = new(number);
    private readonly Lock _making = new();
    private readonly ConcurrentDictionary<ulong, byte[]> _unacknowledged = new();
    private readonly ConcurrentDictionary<ulong, byte> _acknowledged = new();
    private List<byte[]>? _opening;
    private SslClientAuthenticationOptions? _tls;
    private volatile bool _draining;
    private int _frames;

    /// <summary>Its id.</summary>
    public AgentId Id => _agent.Id;

    /// <summary>Its epoch.</summary>
    public ulong Epoch => _agent.Epoch;

    /// <summary>Every entry that it made, by seq.</summary>
    public ConcurrentDictionary<ulong, byte[]> Made { get; } = new();

    /// <summary>Its host.</summary>
    public string HostName => _agent.HostName;

    /// <summary>Entries acknowledged so far.</summary>
    public int Acknowledged => _acknowledged.Count;

    /// <summary>Entries that were sent again over a new connection.</summary>
    public int SentAgain { get; private set; }

    /// <summary>Connections over which it has begun to send.</summary>
    public int Openings { get; private set; }

    /// <summary>Time of the newest tick.</summary>
    public long LastMs => FirstMs + (_frames * (long)TestAgent.IntervalMs);

    /// <summary>Joins: from now on it connects with a certificate.</summary>
    public async Task JoinAsync(string token, string enroll, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var client = new EnrollmentClient(new Uri($"https://{enroll}"), proxy: null, TimeProvider.System);
        AgentCredentials credentials = await client.JoinAsync(JoinToken.TryParse(token)!, Id, key, cancellationToken);
        _tls = credentials.ToTls(TimeProvider.System);
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using TestStream stream = await TestStream.ConnectAsync(gateway, _agent.Id, cancellationToken, tls: _tls);
                await ServeAsync(stream, cancellationToken);
            }
            catch (Exception e) when (e is RpcException or IOException or OperationCanceledException or InvalidOperationException)
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    /// <summary>Sends no new frames and waits until everything is acknowledged.</summary>
    public async Task DrainAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        // No frame is half made behind this.
        lock (_making) _draining = true;
        long start = TimeProvider.System.GetTimestamp();
        while (!_unacknowledged.IsEmpty)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < limit, $"{_unacknowledged.Count} entries of {HostName} are not acknowledged");
            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Every sample that was acknowledged, as <c>weir query</c> names it.</summary>
    public Dictionary<(string Series, long TimeMs), ulong> Expected()
    {
        var expected = new Dictionary<(string, long), ulong>();
        for (int frame = 0; frame < _frames; frame++)
        {
            long time = FirstMs + (frame * (long)TestAgent.IntervalMs);
            for (int s = 0; s < _agent.Schema.SeriesCount; s++)
                expected.Add(($$"""test_value_ratio{host_id="{{_agent.Id}}",host_name="{{HostName}}",instance="i{{s}}"}""", time), BitConverter.DoubleToUInt64Bits(TestAgent.Value(number, s, time)));
        }

        return expected;
    }

    private async Task ServeAsync(TestStream stream, CancellationToken cancellationToken)
    {
        // Start and objects first over each connection, then what was left, in order.
        _opening ??= [_agent.EpochStart(FirstMs), .. _agent.Objects(FirstMs)];
        for (int i = 0; i < _opening.Count; i++) Made[(ulong)i + 1] = _unacknowledged[(ulong)i + 1] = _opening[i];
        Openings++;
        KeyValuePair<ulong, byte[]>[] left = [.. _unacknowledged.Where(pair => pair.Key > (ulong)_opening.Count).OrderBy(static pair => pair.Key)];
        SentAgain += left.Length;
        Task reading = ReadAsync(stream, cancellationToken);
        await stream.SendAsync(_agent, _opening, cancellationToken);
        foreach ((_, byte[] entry) in left) await stream.SendAsync(_agent, [entry], cancellationToken);
        while (!reading.IsCompleted)
        {
            if (_draining || _unacknowledged.Count > MaxUnanswered)
            {
                await Task.WhenAny(reading, Task.Delay(1, CancellationToken.None));
                continue;
            }

            byte[] frame;
            lock (_making)
            {
                if (_draining) continue;
                frame = _agent.Frame(FirstMs + (_frames++ * (long)TestAgent.IntervalMs));
                Made[_agent.LastSeq] = _unacknowledged[_agent.LastSeq] = frame;
            }

            await stream.SendAsync(_agent, [frame], cancellationToken);
            if (pauseMs > 0) await Task.Delay(pauseMs, cancellationToken);
        }

        await reading;
    }

    private async Task ReadAsync(TestStream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (Answer answer in await stream.ReadAnswersAsync(cancellationToken))
            {
                if (answer.KindCase != Answer.KindOneofCase.Ack) throw new InvalidOperationException(answer.ToString());
                foreach (SeqRange range in answer.Ack.Seqs)
                {
                    for (ulong seq = range.First; seq <= range.Last; seq++)
                    {
                        _acknowledged[seq] = 0;
                        _unacknowledged.TryRemove(seq, out _);
                    }
                }
            }
        }
    }
}
