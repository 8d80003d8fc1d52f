namespace Weir.TestKit.Processes;

/// <summary>How <c>weir up</c> is started.</summary>
public sealed record WeirUp
{
    /// <summary>Its <c>--data</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Its <c>--config</c>; null: none.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Port of <c>--http</c> on loopback; 0: a free one. A restart takes the port of the process before.</summary>
    public int HttpPort { get; init; }

    /// <summary>Port of <c>--grpc</c> on loopback; 0: a free one.</summary>
    public int GrpcPort { get; init; }

    /// <summary>Port of <c>--enroll</c> on loopback; 0: a free one.</summary>
    public int EnrollPort { get; init; }

    /// <summary>Arguments behind those, such as a second <c>--grpc</c>.</summary>
    public IReadOnlyList<string> MoreArguments { get; init; } = [];
}
