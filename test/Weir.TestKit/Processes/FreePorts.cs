using System.Net;
using System.Net.Sockets;

namespace Weir.TestKit.Processes;

/// <summary>Finds ports on loopback that nobody listens on.</summary>
public static class FreePorts
{
    /// <summary>Different free ports. Somebody else may take one before it is used: a start that fails for that is repeated by its caller.</summary>
    public static int[] Take(int count)
    {
        var listeners = new TcpListener[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                listeners[i] = new TcpListener(IPAddress.Loopback, 0);
                listeners[i].Start();
            }

            return [.. listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (TcpListener? listener in listeners) listener?.Dispose();
        }
    }
}
