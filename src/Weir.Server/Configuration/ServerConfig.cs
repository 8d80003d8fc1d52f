using System.Net;
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

    /// <summary>Whether listeners beyond loopback are allowed although nothing is encrypted or authenticated yet. Default false.</summary>
    public bool Insecure { get; init; }

    /// <summary>Further names by which browsers may address the HTTP listener, beside loopback and the listener's own address.</summary>
    public IReadOnlyList<string> HttpHosts { get; init; } = [];

    /// <summary>Whether this host is measured by an agent in the process. Default true.</summary>
    public bool AgentEnabled { get; init; } = true;

    /// <summary>Retention of the store.</summary>
    public FrameStoreOptions Store { get; init; } = new();

    /// <summary>Which times are accepted. Back defaults to the store's retention.</summary>
    public Horizon Horizon { get; init; } = new();
}
