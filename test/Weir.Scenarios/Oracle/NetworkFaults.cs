using Weir.TestKit.Network;

namespace Weir.Scenarios.Oracle;

/// <summary>Faults of an agent's way to the server.</summary>
internal sealed class NetworkFaults(OracleServer server, bool isEncrypted)
{
    /// <summary>Injects a fault and ends it; another one of the same way may end it sooner.</summary>
    public async Task<bool> InjectAsync(PlannedFault fault, FaultProxy proxy, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.Reset:
                return proxy.Reset() > 0;
            case FaultKind.LineFlip when !isEncrypted:
                // Nothing but TCP's checksum guards a plaintext line, and what is flipped here has passed that.
                return false;
            case FaultKind.OtherGateway:
                proxy.Upstream = server.Gateways[fault.Draw % server.Gateways.Count];
                proxy.Reset();
                return true;
            case FaultKind.HalfOpen:
                proxy.Accept = ProxyAccept.HalfOpen;
                proxy.Reset();
                break;
            case FaultKind.Refuse:
                proxy.Accept = ProxyAccept.Refuse;
                proxy.Reset();
                break;
            default:
                // One direction, the other, or both: an asymmetric cut is one of the first two.
                Toxic toxic = ToxicOf(fault);
                if (fault.Draw % 3 != 1) proxy.Up = toxic;
                if (fault.Draw % 3 != 0) proxy.Down = toxic;
                break;
        }

        await Task.Delay(fault.DurationMs * 2, cancellationToken);
        proxy.Heal();
        return true;
    }

    private static Toxic ToxicOf(PlannedFault fault) => fault.Kind switch
    {
        FaultKind.Latency => new Toxic { Latency = TimeSpan.FromMilliseconds(fault.Draw % 300), Jitter = TimeSpan.FromMilliseconds(fault.Draw % 200) },
        FaultKind.Trickle => new Toxic { BytesPerSecond = 500 + (fault.Draw % 20_000), SliceBytes = 1 + (fault.Draw % 50), CloseDelay = TimeSpan.FromMilliseconds(200) },
        FaultKind.Stall => new Toxic { Stall = true },
        FaultKind.LineFlip => new Toxic { FlipEveryBytes = 200 + (fault.Draw % 5000) },
        _ => new Toxic { Swallow = true },
    };
}
