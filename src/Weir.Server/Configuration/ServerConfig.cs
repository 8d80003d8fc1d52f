using System.Net;
using Weir.Gateway;
using Weir.Stores.FrameStore;
using Weir.Writer;

namespace Weir.Server.Configuration;

/// <summary>The configuration of <c>weir up</c>. Defaults stand here and nowhere else; <c>docs/weir.reference.yaml</c> explains each key.</summary>
public sealed record ServerConfig
{
    /// <summary>Directory of everything that is kept. Default <c>./data</c>.</summary>
    public string DataDirectory { get; init; } = "./data";

    /// <summary>Where the console and the HTTP API listen. Default 127.0.0.1:7480. Port 0 takes a free one.</summary>
    public IPEndPoint Http { get; init; } = new(IPAddress.Loopback, 7480);

    /// <summary>Where agents connect; one gateway each. Default 127.0.0.1:7400.</summary>
    public IReadOnlyList<IPEndPoint> Grpc { get; init; } = [new(IPAddress.Loopback, 7400)];

    /// <summary>Whether gateways on loopback are TLS too; those beyond it are anyway. Default false.</summary>
    public bool Tls { get; init; }

    /// <summary>HTTP/2 streams on one connection at a time, 100 to 100,000. Default 1,000: an agent needs three, a balancer in between one for each of its agents.</summary>
    public int StreamsPerConnection { get; init; } = 1000;

    /// <summary>Bytes that may be under way unread on an HTTP/2 stream, 64 KiB to 1 MiB. Default 256 KiB: a link of 100 ms then carries 2 MB/s (<c>docs/benchmarks.md</c>), a hundred times what an agent of 500 series needs for its backlog.</summary>
    public int StreamWindowBytes { get; init; } = 256 * 1024;

    /// <summary>The same on a connection. Default 512 KiB: twice a stream's, for uploads go several chunks at a time.</summary>
    public int ConnectionWindowBytes { get; init; } = 512 * 1024;

    /// <summary>Where agents join and renew their certificates, always over TLS. Default 127.0.0.1:7401. Port 0 takes a free one.</summary>
    public IPEndPoint Enroll { get; init; } = new(IPAddress.Loopback, 7401);

    /// <summary>How long agents' certificates are good. Default 24 h.</summary>
    public TimeSpan CertificateLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Further host names and addresses in the certificates of this server's listeners.</summary>
    public IReadOnlyList<string> CertificateNames { get; init; } = [];

    /// <summary>Whether the HTTP listener may be beyond loopback although it knows no accounts, and gateways there without TLS. Default false.</summary>
    public bool Insecure { get; init; }

    /// <summary>Further names by which browsers may address the HTTP listener, beside loopback and the listener's own address.</summary>
    public IReadOnlyList<string> HttpHosts { get; init; } = [];

    /// <summary>Whether this host is measured by an agent in the process. Default true.</summary>
    public bool AgentEnabled { get; init; } = true;

    /// <summary>Limits of the files that agents upload.</summary>
    public UploadOptions Uploads { get; init; } = new();

    /// <summary>Retention of the store.</summary>
    public FrameStoreOptions Store { get; init; } = new();

    /// <summary>What is kept free on the disk, so that a full one ends well: sealing, manifests and truncation. Default 64 MiB: the largest step, the part of a full log. 0 keeps nothing.</summary>
    public long ReserveBytes { get; init; } = 64L << 20;

    /// <summary>Which times are accepted. Back defaults to the store's retention.</summary>
    public Horizon Horizon { get; init; } = new();

    /// <summary>Whether a gateway listener is TLS: beyond loopback unless <see cref="Insecure"/>, and everywhere with <see cref="Tls"/>.</summary>
    public bool IsTls(IPEndPoint gateway) => Tls || (!Insecure && !IPAddress.IsLoopback(gateway.Address));
}
