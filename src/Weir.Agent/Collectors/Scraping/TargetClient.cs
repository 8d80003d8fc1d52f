using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Fetches answers from a target over a connection that is kept.</summary>
/// <remarks>
/// Blocks its caller, at most for the target's deadline, which bounds everything from connecting to the last byte. Redirects and proxies are not followed: the
/// configured place is the one that is read. After a failure the connection, with it the certificates that were read, is made anew. Not thread-safe.
/// Waits on asynchronous calls: only they can be cancelled in the middle of a body.
/// </remarks>
internal sealed class TargetClient(ScrapeTarget target, TimeProvider time) : IDisposable
{
    private const string OpenMetricsType = "application/openmetrics-text", TextType = "text/plain";
    private const string Accept = $"{OpenMetricsType};version=1.0.0;q=0.9,{TextType};version=0.0.4;q=0.5";

    private readonly ScrapeBody _body = new(target.MaxBytes);
    private readonly string _deadlineSeconds = target.Deadline.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
    private readonly string _encoding = target.Url.IsLoopback ? "identity" : "gzip";
    private HttpMessageInvoker? _http;

    /// <summary>The text fetched last; valid until the next call.</summary>
    public ReadOnlySpan<byte> Text => _body.Bytes;

    /// <summary>Fetches.</summary>
    /// <returns>How the text is written.</returns>
    /// <exception cref="ScrapeException">The target's answer is none, or was not there in time.</exception>
    public ExpositionFormat Fetch()
    {
        using var deadline = new CancellationTokenSource(target.Deadline, time);
        _body.Clear();
        try
        {
            return FetchAsync(deadline.Token).GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            Dispose();
            if (error is not ScrapeException && deadline.IsCancellationRequested)
                throw new ScrapeException($"no whole answer within {Configuration.Duration.Format(target.Deadline)}, {_body.Length} bytes came");
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http?.Dispose();
        _http = null;
    }

    private async Task<ExpositionFormat> FetchAsync(CancellationToken cancellationToken)
    {
        _http ??= new HttpMessageInvoker(TargetConnection.Open(target));
        using HttpRequestMessage request = await RequestAsync(cancellationToken).ConfigureAwait(false);
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        ExpositionFormat format = FormatOf(response);
        bool isGzip = IsGzip(response.Content.Headers);
        if (!isGzip && response.Content.Headers.ContentLength > target.MaxBytes) throw _body.TooLong();
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            if (isGzip) stream = new GZipStream(stream, CompressionMode.Decompress);
            await using (stream.ConfigureAwait(false)) await _body.ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        }

        CheckEnd(format);
        return format;
    }

    private async Task<HttpRequestMessage> RequestAsync(CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, target.Url);
        request.Headers.TryAddWithoutValidation("Accept", Accept);
        // On this host the compression would cost both sides more than it saves.
        request.Headers.TryAddWithoutValidation("Accept-Encoding", _encoding);
        request.Headers.TryAddWithoutValidation("User-Agent", "weir-agent");
        // Exporters that ask others themselves give up in time by it.
        request.Headers.TryAddWithoutValidation("X-Prometheus-Scrape-Timeout-Seconds", _deadlineSeconds);
        if (target.BearerTokenFile is { } file) request.Headers.TryAddWithoutValidation("Authorization", await BearerToken.ReadAsync(file, cancellationToken).ConfigureAwait(false));
        foreach ((string name, string value) in target.Headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static ExpositionFormat FormatOf(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            string redirect = (int)response.StatusCode is >= 300 and < 400 ? "; redirects are not followed" : "";
            bool isDenied = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
            throw new ScrapeException($"the target answers {(int)response.StatusCode} {response.StatusCode}{redirect}", isDenied ? FailureReason.AccessDenied : FailureReason.Error);
        }

        // Where nothing is said it is what there was before content types mattered.
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (type is null && !response.Content.Headers.Contains("Content-Type")) return ExpositionFormat.Text;
        if (string.Equals(type, OpenMetricsType, StringComparison.OrdinalIgnoreCase)) return ExpositionFormat.OpenMetrics;
        if (string.Equals(type, TextType, StringComparison.OrdinalIgnoreCase)) return ExpositionFormat.Text;
        throw new ScrapeException($"the target answers with content of type '{type ?? "(malformed)"}', not with {TextType} or {OpenMetricsType}");
    }

    private static bool IsGzip(HttpContentHeaders headers)
    {
        string encoding = string.Join(',', headers.ContentEncoding);
        if (encoding.Length == 0 || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase)) return false;
        if (string.Equals(encoding, "gzip", StringComparison.OrdinalIgnoreCase)) return true;
        throw new ScrapeException($"the answer is encoded as '{encoding}', which was not asked for");
    }

    // A connection that ends early can look like the end of an answer, and half a number like a number.
    private void CheckEnd(ExpositionFormat format)
    {
        ReadOnlySpan<byte> text = _body.Bytes;
        if (format == ExpositionFormat.OpenMetrics && !text.TrimEnd("\r\n"u8).EndsWith("# EOF"u8)) throw new ScrapeException($"the answer is cut after {text.Length} bytes: it does not end with '# EOF'");
        if (format == ExpositionFormat.Text && !text.IsEmpty && text[^1] != '\n') throw new ScrapeException($"the answer is cut after {text.Length} bytes: its last line does not end");
    }
}
