using Weir.Bench.Replay;

namespace Weir.Bench.EndToEnd;

/// <summary>What a run of <c>endtoend</c> does; the defaults are those of the command line.</summary>
internal sealed record EndToEndSettings
{
    /// <summary>The recording: Prometheus text, compressed where the name ends in <c>.zst</c>.</summary>
    public required string Input { get; init; }

    /// <summary>Hosts that replay it, 1 to 99,999.</summary>
    public required int Hosts { get; init; }

    /// <summary>Ticks that each host replays, one second apart.</summary>
    public required int Seconds { get; init; }

    /// <summary>Most ticks in a frame, 1 to 60: a frame also closes at a minute boundary.</summary>
    public int Ticks { get; init; } = 5;

    /// <summary>Most frames in a batch. 1 is what a live agent sends; a higher number is what one with a backlog sends.</summary>
    public int BatchFrames { get; init; } = 1;

    /// <summary>HTTP/2 connections that the streams are spread over; null: one per host, at most 64.</summary>
    public int? Connections { get; init; }

    /// <summary>Whether the hosts join and speak TLS, each over a connection of its own.</summary>
    public bool Tls { get; init; }

    /// <summary>Round trip that a proxy between hosts and server adds; 0: no proxy.</summary>
    public int RoundTripMs { get; init; }

    /// <summary>HTTP/2 windows of the server, of each stream and of a connection; null: its own.</summary>
    public int? WindowBytes { get; init; }

    /// <summary>Whether to wait until everything is sealed into parts, and to count the CPU time of that.</summary>
    public bool Seal { get; init; }

    /// <summary>How many of the hosts are sent to VictoriaMetrics as well; 0 for none.</summary>
    public int BesideHosts { get; init; }

    /// <summary>When ticks leave.</summary>
    public Pace Pace { get; init; } = Pace.Max;

    /// <summary>Where the store is left behind; null: a temporary folder, removed at the end.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The built server; null: this repository's Release build.</summary>
    public string? WeirDll { get; init; }

    /// <summary>Most bytes of frames encoded before the timed section; beyond it they are encoded while sending. Null: half of the memory.</summary>
    public long? MaxEncodedBytes { get; init; }

    /// <summary>The part that concerns the hosts.</summary>
    public FleetSettings Fleet => new() { Hosts = Hosts, BatchFrames = BatchFrames, Connections = Connections, Pace = Pace, MaxEncodedBytes = MaxEncodedBytes };
}
