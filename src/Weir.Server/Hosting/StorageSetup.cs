using Weir.Log;
using Weir.Writer;

namespace Weir.Server.Hosting;

/// <summary>What storage stands on, besides its configuration: a test puts a failing file system and short distances here.</summary>
internal sealed record StorageSetup
{
    /// <summary>The file system. Default: the machine's.</summary>
    public IFileSystem Files { get; init; } = new PhysicalFileSystem();

    /// <summary>Segments of the log.</summary>
    public SegmentLogOptions Segments { get; init; } = new();

    /// <summary>How often the writer moves the store's progress on.</summary>
    public WriterOptions Writer { get; init; } = new();
}
