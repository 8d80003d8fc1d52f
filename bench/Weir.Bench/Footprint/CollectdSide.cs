using System.Globalization;
using Weir.TestKit.Processes;

namespace Weir.Bench.Footprint;

/// <summary>collectd with the plugins that measure what weir-agent does, sending by its network plugin to a port where nobody listens.</summary>
/// <param name="work">Where its files go.</param>
/// <param name="isEqual">Whether it measures what all sides have, and nothing else.</param>
internal sealed class CollectdSide(string work, bool isEqual) : IFootprintSide
{
    private const string Program = "/usr/sbin/collectd";

    private static readonly string[] LikeTheAgent = ["cpu", "memory", "swap", "vmem", "disk", "interface", "load", "uptime", "df", "processes", "contextswitch", "irq", "entropy", "conntrack", "tcpconns", "protocols"];

    private readonly string[] _plugins = isEqual ? SharedGroups.Collectd : LikeTheAgent;
    private ChildProcess? _collectd;

    public string Name => "collectd";

    public long ProgramBytes => new FileInfo(Program).Length + _plugins.Select(static plugin => new FileInfo($"/usr/lib/collectd/{plugin}.so")).Where(static file => file.Exists).Sum(static file => file.Length);

    public IReadOnlyList<int> Processes => [_collectd!.Id];

    /// <summary>Whether it is installed.</summary>
    public static bool IsHere => File.Exists(Program);

    private string Values => Path.Combine(work, "values.sock");

    public async Task StartAsync(TimeSpan interval, CancellationToken cancellationToken)
    {
        string config = Path.Combine(work, "collectd.conf");
        string[] here = [.. _plugins.Where(static plugin => File.Exists($"/usr/lib/collectd/{plugin}.so"))];
        await File.WriteAllTextAsync(
            config,
            $"Interval {interval.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)}\nBaseDir \"{work}\"\nPIDFile \"{work}/collectd.pid\"\nTypesDB \"/usr/share/collectd/types.db\"\n"
            + string.Concat(here.Select(static plugin => $"LoadPlugin {plugin}\n"))
            + $"LoadPlugin unixsock\nLoadPlugin network\n<Plugin unixsock>\n  SocketFile \"{Values}\"\n</Plugin>\n<Plugin network>\n  Server \"127.0.0.1\" \"{FreePorts.Take(1)[0]}\"\n</Plugin>\n",
            cancellationToken);
        _collectd = ChildProcess.Start(Program, "-f", "-C", config);
        while (!File.Exists(Values) || await CountSeriesAsync(cancellationToken) == 0) await Task.Delay(50, cancellationToken);
    }

    public async Task<int> CountSeriesAsync(CancellationToken cancellationToken)
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(Values), cancellationToken);
        await socket.SendAsync("LISTVAL\n"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(new System.Net.Sockets.NetworkStream(socket));
        string? line = await reader.ReadLineAsync(cancellationToken);
        return int.TryParse(line?.Split(' ')[0], CultureInfo.InvariantCulture, out int values) ? Math.Max(0, values) : 0;
    }

    public Task<TimeSpan?> TellStartAsync(CancellationToken cancellationToken) => Task.FromResult<TimeSpan?>(null);

    public Task<double?> TellAllocatedAsync(CancellationToken cancellationToken) => Task.FromResult<double?>(null);

    public Task<string?> TellSelfAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    public async ValueTask DisposeAsync()
    {
        if (_collectd is not null) await _collectd.DisposeAsync();
    }
}
