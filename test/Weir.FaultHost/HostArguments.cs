using System.Globalization;
using Weir.FaultHost.Files;

namespace Weir.FaultHost;

/// <summary>The command line: a mode, then pairs of <c>--name value</c>; <c>--fault</c> and <c>--grpc</c> may be repeated.</summary>
internal sealed class HostArguments
{
    private readonly ILookup<string, string> _values;

    public HostArguments(string[] args)
    {
        Mode = args.FirstOrDefault("");
        _values = args.Skip(1).Chunk(2).ToLookup(static pair => pair[0], static pair => pair[^1]);
    }

    /// <summary>agent, drain or up.</summary>
    public string Mode { get; }

    /// <summary>The data directory.</summary>
    public string Data => Required("--data");

    /// <summary>A pair that must be there.</summary>
    public string Required(string name) => Optional(name) ?? throw new FormatException($"{name} is missing");

    /// <summary>A pair that may be there.</summary>
    public string? Optional(string name) => _values[name].FirstOrDefault();

    /// <summary>All pairs of a name.</summary>
    public IReadOnlyList<string> All(string name) => [.. _values[name]];

    /// <summary>A number.</summary>
    public long Number(string name, long otherwise) => Optional(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>The file system that the arguments describe.</summary>
    public FaultFileSystem Files() => new(
        new FaultPlan([.. All("--fault").Select(FaultPoint.Parse)], Optional("--mended")),
        new SegmentKeeper(Path.Combine(Data, Mode == "up" ? "log" : "spool"), Optional("--archive")),
        Optional("--lose") == "unsynced");
}
