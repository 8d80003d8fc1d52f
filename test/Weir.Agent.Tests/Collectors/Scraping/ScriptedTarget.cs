using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.Agent.Collectors.Scraping;

namespace Weir.Agent.Tests.Collectors.Scraping;

/// <summary>An endpoint on loopback that writes, byte for byte, what a test says: honest answers and others.</summary>
internal sealed class ScriptedTarget : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly Func<int, Stream, CancellationToken, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private int _requests;
    private int _accepted;

    /// <summary>Begins to listen.</summary>
    /// <param name="answer">Writes the answer to a request, by its number from 0; a connection ends when it throws.</param>
    /// <param name="certificate">With it, it speaks TLS.</param>
    public ScriptedTarget(Func<int, Stream, CancellationToken, Task> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where it is.</summary>
    public string Url => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/metrics";

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _accepted);

    /// <summary>The request answered last.</summary>
    public string LastRequest { get; private set; } = "";

    /// <summary>One whose answers are these bytes, the last of them again and again.</summary>
    public static ScriptedTarget Of(params byte[][] answers) => new((number, stream, cancellationToken) => stream.WriteAsync(answers[Math.Min(number, answers.Length - 1)], cancellationToken).AsTask());

    /// <summary>One whose answers are these texts.</summary>
    public static ScriptedTarget Of(params string[] answers) => Of([.. answers.Select(Encoding.UTF8.GetBytes)]);

    /// <summary>An answer as it should be.</summary>
    public static string Ok(string body, string type = "text/plain; version=0.0.4; charset=utf-8") => $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    /// <summary>A target there.</summary>
    public ScrapeTarget Target() => ScrapeProbe.At(Url) with { Deadline = TimeSpan.FromMinutes(1) };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                _connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var plain = new NetworkStream(socket, ownsSocket: true);
        await using SslStream? secure = _certificate is null ? null : new SslStream(plain);
        Stream stream = secure is null ? plain : secure;
        try
        {
            if (secure is not null) await secure.AuthenticateAsServerAsync(_certificate!);
            while (await ReadRequestAsync(stream) is { } request)
            {
                LastRequest = request;
                await _answer(Interlocked.Increment(ref _requests) - 1, stream, _stop.Token);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or AuthenticationException)
        {
            // The scraper has left, the script hangs up, or the test is over.
        }
    }

    private async Task<string?> ReadRequestAsync(Stream stream)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0) return null;
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
