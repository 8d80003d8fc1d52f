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
        Port = FreePorts.Take(1)[0];
        _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/"));
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

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
        using HttpListenerResponse response = context.Response;
        if (_isSilent)
        {
            response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            return;
        }

        var text = new StringBuilder();
        long number = Answered + 1;
        for (int i = 0; i < Series; i++) text.Append(CultureInfo.InvariantCulture, $"{Metric}{{series=\"{i}\"}} {number}\n");
        await response.OutputStream.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()));
        Interlocked.Increment(ref _answered);
    }
}
