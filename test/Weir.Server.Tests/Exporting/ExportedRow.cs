using ParquetSharp;

namespace Weir.Server.Tests.Exporting;

/// <summary>One row of an exported file; the value as its bits.</summary>
internal sealed record ExportedRow(long TimeMs, string Name, string Labels, string HostName, string HostId, ulong Bits)
{
    /// <summary>Reads a file as any reader does.</summary>
    public static List<ExportedRow> ReadAll(byte[] file)
    {
        var rows = new List<ExportedRow>();
        using var reader = new ParquetFileReader(new MemoryStream(file), leaveOpen: false);
        for (int g = 0; g < reader.FileMetaData.NumRowGroups; g++)
        {
            using RowGroupReader group = reader.RowGroup(g);
            int count = (int)group.MetaData.NumRows;
            DateTime[] times = Column<DateTime>(group, 0, count);
            string[] names = Column<string>(group, 1, count), labels = Column<string>(group, 2, count);
            string[] hostNames = Column<string>(group, 3, count), hostIds = Column<string>(group, 4, count);
            double[] values = Column<double>(group, 5, count);
            for (int i = 0; i < count; i++)
            {
                long time = (times[i].Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
                rows.Add(new ExportedRow(time, names[i], labels[i], hostNames[i], hostIds[i], BitConverter.DoubleToUInt64Bits(values[i])));
            }
        }

        return rows;
    }

    private static T[] Column<T>(RowGroupReader group, int column, int count)
    {
        using ColumnReader physical = group.Column(column);
        using LogicalColumnReader<T> logical = physical.LogicalReader<T>();
        return logical.ReadAll(count);
    }
}
