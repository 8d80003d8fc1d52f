using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Agent.Local;

/// <summary>Serves <see cref="LocalPages"/> by HTTP/1.1: GET, one request a connection.</summary>
/// <remarks>
/// At most <see cref="MaxConnections"/> at a time, others wait in the system's backlog; a request has <see cref="MaxHeaderBytes"/> and <see cref="Limit"/>. A Host
/// that is neither an address nor this host's name is refused: a foreign web page must not read the host's figures through a name that it points here (DNS rebinding).
/// Where the address is taken the agent goes on without it and says so. A page that fails is answered with 500, and the log says so once.
/// </remarks>
internal sealed class LocalListener(IPEndPoint address, LocalPages pages, TimeProvider time, ILogger logger)
{
    /// <summary>Most connections at a time.</summary>
    public const int MaxConnections = 4;

    /// <summary>Most bytes of a request.</summary>
    public const int MaxHeaderBytes = 8192;

    private bool _hasSaidFailure;

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Most time of a request and its answer.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Serves until cancelled. Does not fail.</summary>
    /// <param name="listening">Told the address that is really listened on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Action<IPEndPoint>? listening, CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(address);
        try
        {
            listener.Start(backlog: 16);
        }
        catch (SocketException error)
        {
            CollectionLog.NotListening(logger, address.ToString(), error.Message);
            return;
        }

        listening?.Invoke((IPEndPoint)listener.LocalEndpoint);
        using var places = new SemaphoreSlim(MaxConnections);
        try
        {
            while (true)
            {
                if (await AcceptAsync(listener, cancellationToken).ConfigureAwait(false) is not { } client) continue;
                await places.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                _ = ServeAsync(client, places, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever is still served ends by the same token.
        }
        for (int i = 0; i < MaxConnections; i++) await places.WaitAsync(Limit, CancellationToken.None).ConfigureAwait(false);
    }

    // A client that is gone before it is taken, or a process without a descriptor to spare: the next may do better.
    private async Task<TcpClient?> AcceptAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        try
        {
            return await listener.AcceptTcpClientAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            await Task.Delay(AcceptPause, time, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    private async Task ServeAsync(TcpClient client, SemaphoreSlim places, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                if (await ReadHeadAsync(stream, stop.Token).ConfigureAwait(false) is { } head) await AnswerAsync(stream, head, stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever asked has gone, or was too slow.
        }
        finally
        {
            places.Release();
        }
    }

    private static async Task<string?> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxHeaderBytes];
        int length = 0;
        while (length < buffer.Length)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (read == 0) return null;
            length += read;
            int end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (end >= 0) return Encoding.ASCII.GetString(buffer, 0, end);
        }

        await WriteAsync(stream, "431 Request Header Fields Too Large", "text/plain", "the request is too long\n"u8.ToArray(), true, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private async Task AnswerAsync(NetworkStream stream, string head, CancellationToken cancellationToken)
    {
        string[] lines = head.Split("\r\n");
        string[] request = lines[0].Split(' ');
        if (request.Length != 3 || !request[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            await WriteAsync(stream, "400 Bad Request", "text/plain", "not an HTTP/1.1 request\n"u8.ToArray(), true, cancellationToken).ConfigureAwait(false);
            return;
        }

        bool isHead = request[0] == "HEAD";
        if (!isHead && request[0] != "GET")
        {
            await WriteAsync(stream, "405 Method Not Allowed", "text/plain", "GET only\n"u8.ToArray(), true, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!IsKnown(Header(lines, "Host")))
        {
            await WriteAsync(stream, "421 Misdirected Request", "text/plain", "refused: unknown Host\n"u8.ToArray(), !isHead, cancellationToken).ConfigureAwait(false);
            return;
        }

        await AnswerAsync(stream, request[1].Split('?')[0], Header(lines, "Accept"), !isHead, cancellationToken).ConfigureAwait(false);
    }

    private async Task AnswerAsync(NetworkStream stream, string path, string accept, bool withContent, CancellationToken cancellationToken)
    {
        LocalPage? page;
        try
        {
            page = await pages.TryGetAsync(path, accept, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (!Interlocked.Exchange(ref _hasSaidFailure, true)) CollectionLog.PageFailed(logger, path, error);
            await WriteAsync(stream, "500 Internal Server Error", "text/plain", "this page failed: the agent's log says why\n"u8.ToArray(), withContent, cancellationToken).ConfigureAwait(false);
            return;
        }

        using (page)
        {
            if (page is not null) await WriteAsync(stream, "200 OK", page.ContentType, page.Content, withContent, cancellationToken).ConfigureAwait(false);
            else await WriteAsync(stream, "404 Not Found", "text/plain", "there are /metrics, /status and /processes\n"u8.ToArray(), withContent, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(NetworkStream stream, string status, string contentType, ReadOnlyMemory<byte> content, bool withContent, CancellationToken cancellationToken)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken).ConfigureAwait(false);
        if (withContent) await stream.WriteAsync(content, cancellationToken).ConfigureAwait(false);
    }

    private static string Header(string[] lines, string name)
    {
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Equals(name, StringComparison.OrdinalIgnoreCase)) return line[(colon + 1)..].Trim();
        }

        return "";
    }

    private static bool IsKnown(string host)
    {
        if (!Uri.TryCreate($"http://{host}/", UriKind.Absolute, out Uri? uri)) return false;
        return uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6
            || string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase) || string.Equals(uri.Host, Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);
    }
}
