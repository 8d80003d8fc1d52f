using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Use of all page files together from EnumPageFiles, page faults and paging operations from NtQuerySystemInformation.</summary>
/// <remarks>
/// Major faults are the reads that resolved hard faults, minor ones all others. Operations are the pages of those reads and the pages written to page and
/// mapped files, as the counters Pages Input and Pages Output have them: the system does not tell what was read from which. Counters begin at the
/// system's own 32 bits and do not wrap. Where the page files cannot be listed, their two series fail alone.
/// </remarks>
internal sealed unsafe class WindowsPagingCollector : ICollector
{
    private static readonly IReadOnlyList<SchemaPart> Parts =
    [
        new(Templates.PagingUsage, [["used"], ["free"]]),
        new(Templates.PagingFaults, [["minor"], ["major"]]),
        new(Templates.PagingOperations, [["major", "in"], ["major", "out"]]),
    ];

    private readonly double _page = Environment.SystemPageSize;
    private WrappingCounter _faults;
    private WrappingCounter _reads;
    private ulong _minorFaults;
    private WrappingCounter _pagesRead;
    private WrappingCounter _pageFileWrites;
    private WrappingCounter _mappedFileWrites;

    /// <inheritdoc/>
    public string Name => "paging";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (columns.Count == 0) columns.Shape(Parts);
        CollectUsage(columns);
        NativeMethods.PerformanceCounts counts = default;
        int status = NativeMethods.NtQuerySystemInformation(NativeMethods.SystemPerformance, &counts, (uint)sizeof(NativeMethods.PerformanceCounts), out _);
        if (status < 0) throw new Win32Exception(status, $"NtQuerySystemInformation answers 0x{status:X8}");
        CollectCounts(columns, counts);
    }

    /// <summary>Writes faults and operations into the columns.</summary>
    internal void CollectCounts(Columns columns, in NativeMethods.PerformanceCounts counts)
    {
        ulong faultsBefore = _faults.Total, readsBefore = _reads.Total;
        ulong faults = _faults.Next(counts.PageFaults) - faultsBefore, reads = _reads.Next(counts.PageReads) - readsBefore;
        // By differences: reads ahead of any fault are reads, too.
        _minorFaults += faults > reads ? faults - reads : 0;
        columns.Set(2, _minorFaults);
        columns.Set(3, _reads.Total);
        columns.Set(4, _pagesRead.Next(counts.PagesRead));
        columns.Set(5, (double)_pageFileWrites.Next(counts.PageFilePagesWritten) + _mappedFileWrites.Next(counts.MappedFilePagesWritten));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private void CollectUsage(Columns columns)
    {
        Pages pages = default;
        if (!NativeMethods.EnumPageFiles(&Add, &pages))
        {
            columns.Fail(0, FailureReason.Error);
            columns.Fail(1, FailureReason.Error);
            return;
        }

        columns.Set(0, pages.InUse * _page);
        columns.Set(1, (pages.Total - pages.InUse) * _page);
    }

    [UnmanagedCallersOnly]
    private static int Add(void* context, NativeMethods.PageFileInfo* file, char* name)
    {
        var pages = (Pages*)context;
        pages->Total += file->Total;
        pages->InUse += file->InUse;
        return 1;
    }

    private struct Pages
    {
        public ulong Total;
        public ulong InUse;
    }
}
