using System.Runtime.InteropServices;
using ParquetSharp;
using ParquetSharp.Schema;

namespace Weir.Server.Exporting;

/// <summary>Writes series as rows of a Parquet file. The columns are a format: <c>docs/formats/export.md</c>.</summary>
/// <remarks>
/// Memory: the rows of one row group. Values are stored plain: their bits go through no comparison of numbers, as in a dictionary, where NaN, -0 and 0
/// depend on how the library compares; and they are not split by byte, so that old readers read them.
/// </remarks>
internal sealed class ParquetHourWriter : IDisposable
{
    /// <summary>Rows of a row group: some 2 MB on disk, 16 MB here.</summary>
    public const int RowsPerGroup = 1 << 20;

    // Repeated texts are handed over in pieces of this many rows.
    private const int PieceRows = 4096;

    private readonly ParquetFileWriter _writer;
    private readonly long[] _times = new long[RowsPerGroup];
    private readonly double[] _values = new double[RowsPerGroup];
    private readonly List<(HostSeries Series, int Rows)> _runs = [];
    private readonly ByteArray[] _piece = new ByteArray[PieceRows];
    private int _rows;

    /// <summary>Starts a file.</summary>
    public ParquetHourWriter(Stream target)
    {
        using var builder = new WriterPropertiesBuilder();
        using WriterProperties properties = builder
            .Compression(Compression.Zstd).CompressionLevel(3).CreatedBy("weir")
            .DisableDictionary("time").Encoding("time", Encoding.DeltaBinaryPacked)
            .DisableDictionary("value").Encoding("value", Encoding.Plain)
            .DictionaryPagesizeLimit(16 << 20).MaxRowGroupLength(RowsPerGroup)
            .Build();
        using GroupNode schema = Schema();
        _writer = new ParquetFileWriter(target, schema, properties, null, leaveOpen: true);
    }

    /// <summary>Adds the rows of one series.</summary>
    public void Add(HostSeries series)
    {
        int done = 0, count = series.Samples.TimesMs.Length;
        while (done < count)
        {
            int take = Math.Min(count - done, RowsPerGroup - _rows);
            series.Samples.TimesMs.AsSpan(done, take).CopyTo(_times.AsSpan(_rows));
            series.Samples.Values.AsSpan(done, take).CopyTo(_values.AsSpan(_rows));
            // The samples themselves are copied; keeping them would keep the whole host.
            _runs.Add((series with { Samples = new(series.Samples.Labels, [], []) }, take));
            _rows += take;
            done += take;
            if (_rows == RowsPerGroup) WriteGroup();
        }
    }

    /// <summary>Writes what is left, and the footer.</summary>
    public void Finish()
    {
        if (_rows > 0) WriteGroup();
        _writer.Close();
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static GroupNode Schema()
    {
        using LogicalType timestamp = LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Millis), text = LogicalType.String(), none = LogicalType.None();
        Node[] columns =
        [
            new PrimitiveNode("time", Repetition.Required, timestamp, PhysicalType.Int64),
            new PrimitiveNode("name", Repetition.Required, text, PhysicalType.ByteArray),
            new PrimitiveNode("labels", Repetition.Required, text, PhysicalType.ByteArray),
            new PrimitiveNode("host_name", Repetition.Required, text, PhysicalType.ByteArray),
            new PrimitiveNode("host_id", Repetition.Required, text, PhysicalType.ByteArray),
            new PrimitiveNode("value", Repetition.Required, none, PhysicalType.Double),
        ];
        try
        {
            return new GroupNode("sample", Repetition.Required, columns);
        }
        finally
        {
            foreach (Node column in columns) column.Dispose();
        }
    }

    private void WriteGroup()
    {
        using RowGroupWriter group = _writer.AppendRowGroup();
        using (var time = (ColumnWriter<long>)group.NextColumn()) time.WriteBatch(_times.AsSpan(0, _rows));
        WriteText(group, static series => series.Samples.Labels.Name);
        WriteText(group, static series => series.Labels);
        WriteText(group, static series => series.HostName);
        WriteText(group, static series => series.HostId);
        using (var value = (ColumnWriter<double>)group.NextColumn()) value.WriteBatch(_values.AsSpan(0, _rows));
        group.Close();
        _rows = 0;
        _runs.Clear();
    }

    private void WriteText(RowGroupWriter group, Func<HostSeries, string> text)
    {
        using var column = (ColumnWriter<ByteArray>)group.NextColumn();
        foreach ((HostSeries series, int rows) in _runs)
        {
            // One copy in memory for all rows of a run: the writer reads it during the call and keeps nothing of it.
            string value = text(series);
            byte[] bytes = GC.AllocateUninitializedArray<byte>(Math.Max(1, System.Text.Encoding.UTF8.GetByteCount(value)), pinned: true);
            int length = System.Text.Encoding.UTF8.GetBytes(value, bytes);
            var repeated = new ByteArray(Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0), length);
            Array.Fill(_piece, repeated, 0, Math.Min(rows, PieceRows));
            for (int done = 0; done < rows; done += PieceRows) column.WriteBatch(_piece.AsSpan(0, Math.Min(rows - done, PieceRows)));
            GC.KeepAlive(bytes);
        }
    }
}
