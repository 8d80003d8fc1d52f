using System.Net.Sockets;
using System.Text;

namespace Weir.Agent.Services.Linux;

/// <summary>Tells systemd that the agent is ready, or stops: a datagram to the socket that <c>NOTIFY_SOCKET</c> names.</summary>
/// <remarks>Without that variable, which only a service manager sets, nothing is sent. A message that cannot be sent is left out: systemd then ends the start by its own deadline.</remarks>
internal sealed class SystemdNotifier
{
    private readonly string? _socket;

    /// <summary>Makes a notifier.</summary>
    /// <param name="socket">The value of <c>NOTIFY_SOCKET</c>: a path, or <c>@</c> and an abstract name.</param>
    public SystemdNotifier(string? socket) => _socket = string.IsNullOrEmpty(socket) ? null : socket;

    /// <summary>The one of this process.</summary>
    public static SystemdNotifier OfEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>The agent collects.</summary>
    public void Ready() => Send("READY=1\nSTATUS=collecting");

    /// <summary>The agent seals what it has and ends.</summary>
    public void Stopping() => Send("STOPPING=1\nSTATUS=sealing what was gathered");

    private void Send(string message)
    {
        if (_socket is null) return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.ASCII.GetBytes(message), new UnixDomainSocketEndPoint(_socket[0] == '@' ? $"\0{_socket[1..]}" : _socket));
        }
        catch (Exception e) when (e is SocketException or ArgumentException or PlatformNotSupportedException)
        {
            // The start's deadline is systemd's: nothing better is left to do here.
        }
    }
}
