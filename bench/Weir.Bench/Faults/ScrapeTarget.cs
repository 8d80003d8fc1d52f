using System.Globalization;
using System.Net;
using System.Text;
using Weir.TestKit.Processes;

namespace Weir.Bench.Faults;

/// <summary>Something to scrape: series whose value is the number of the scrape that they answer, so that each sample tells which one it came from.</summary>
internal sealed class ScrapeTarget : IAsyncDisposable
{
    /// <summary>Name of the metric.</summary>
    public const string Metric = "faults_scrape";

    /// <summary>Series of the target.</summary>
    public const int Series = 100;

    private readonly HttpListener _listener = new();
    private readonly Task _serving;
    private long _answered;
    private volatile bool _isSilent;

    public ScrapeTarget()
    {
        _listener.Prefixes.Add($"http://{Address}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.Take(1)[0]}");

    /// <summary>Scrapes answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Answers no scrape any more.</summary>
    public void FallSilent() => _isSilent = true;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true) await AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        if (_isSilent)
        {
            context.Response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            context.Response.Close();
            return;
        }

        var text = new StringBuilder();
        long number = Answered + 1;
        for (int i = 0; i < Series; i++) text.Append(CultureInfo.InvariantCulture, $"{Metric}{{series=\"{i}\"}} {number}\n");
        byte[] body = Encoding.ASCII.GetBytes(text.ToString());
        context.Response.ContentLength64 = body.Length;
        await context.Response.OutputStream.WriteAsync(body);
        context.Response.Close();
        Interlocked.Increment(ref _answered);
    }
}
