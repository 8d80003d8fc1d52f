using System.Globalization;
using System.Net;

namespace Weir.Scenarios.Oracle;

/// <summary>Hosts of their own: network namespaces joined by cables (veth pairs) at a switch (a bridge in a namespace of its own). Linux, as root.</summary>
/// <remarks>Nothing outside of the namespaces is changed; disposing deletes them.</remarks>
internal sealed class NetworkLab : IAsyncDisposable
{
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"weir{Environment.ProcessId}");
    private readonly List<string> _namespaces = [];

    private NetworkLab()
    {
    }

    /// <summary>Why there can be no lab here; null where there can.</summary>
    public static string? Missing =>
        !OperatingSystem.IsLinux() || !CommandRun.IsOnPath("ip") ? "ip is missing (Debian: apt-get install iproute2)"
        : Environment.UserName != "root" ? "network namespaces need root" : null;

    /// <summary>Makes the switch.</summary>
    public static async Task<NetworkLab> CreateAsync(CancellationToken cancellationToken)
    {
        var lab = new NetworkLab();
        await lab.AddNamespaceAsync("switch", cancellationToken);
        await IpAsync(cancellationToken, "-n", lab.Full("switch"), "link", "add", "sw", "type", "bridge");
        await IpAsync(cancellationToken, "-n", lab.Full("switch"), "link", "set", "sw", "up");
        return lab;
    }

    /// <summary>The address of the host with a number.</summary>
    public static IPAddress AddressOf(int number) => IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"10.77.0.{number + 1}"));

    /// <summary>Adds a host and plugs its cable in.</summary>
    public async Task AddHostAsync(string name, int number, CancellationToken cancellationToken)
    {
        await AddNamespaceAsync(name, cancellationToken);
        string port = string.Create(CultureInfo.InvariantCulture, $"port{number}");
        await IpAsync(cancellationToken, "link", "add", "eth0", "netns", Full(name), "type", "veth", "peer", "name", port, "netns", Full("switch"));
        await IpAsync(cancellationToken, "-n", Full("switch"), "link", "set", port, "master", "sw", "up");
        await OnHostAsync(name, cancellationToken, "addr", "add", $"{AddressOf(number)}/24", "dev", "eth0");
        await OnHostAsync(name, cancellationToken, "link", "set", "lo", "up");
        await OnHostAsync(name, cancellationToken, "link", "set", "eth0", "up");
    }

    /// <summary>Runs <c>ip</c> on a host.</summary>
    public Task OnHostAsync(string name, CancellationToken cancellationToken, params string[] arguments) => IpAsync(cancellationToken, ["-n", Full(name), .. arguments]);

    /// <summary>Starts a program on a host.</summary>
    public ChildProcess Start(string name, params IEnumerable<string> command) => ChildProcess.Start("ip", ["netns", "exec", Full(name), .. command]);

    public async ValueTask DisposeAsync()
    {
        foreach (string each in _namespaces) await IpAsync(CancellationToken.None, "netns", "del", each);
    }

    private string Full(string name) => $"{_prefix}-{name}";

    private async Task AddNamespaceAsync(string name, CancellationToken cancellationToken)
    {
        await IpAsync(cancellationToken, "netns", "add", Full(name));
        _namespaces.Add(Full(name));
    }

    private static async Task IpAsync(CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        await using ChildProcess ip = ChildProcess.Start("ip", arguments);
        int code = await ip.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        Assert.True(code == 0, $"ip {string.Join(' ', arguments)} ended with code {code}: {ip.Output}");
    }
}
