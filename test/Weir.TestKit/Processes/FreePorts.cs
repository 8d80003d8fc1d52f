using System.Net;
using System.Net.Sockets;

namespace Weir.TestKit.Processes;

/// <summary>Finds ports on loopback that nobody listens on.</summary>
/// <remarks>
/// They lie below the range from which systems take the ports of outgoing connections (32768 up on Linux, 49152 up on Windows): a server that is killed and
/// started again finds its port free, whoever connects in between.
/// </remarks>
public static class FreePorts
{
    private const int First = 10_000;
    private const int Count = 22_000;

    // Processes begin at different places, and one process gives no port twice before it has been around.
    private static int _next = Random.Shared.Next(Count);

    /// <summary>Different free ports. Another process may take one before it is used: a start that fails for that is repeated by its caller.</summary>
    public static int[] Take(int count) => [.. Enumerable.Range(0, count).Select(static _ => TakeOne())];

    private static int TakeOne()
    {
        for (int attempt = 0; attempt < Count; attempt++)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref _next) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }

        throw new InvalidOperationException($"no port of {First}-{First + Count - 1} is free");
    }
}
