using System.ComponentModel;

namespace Weir.Agent.Collectors.Windows;

/// <summary>Bytes, packets, drops and errors per network interface from GetIfTable2; the name is the alias: <c>Ethernet 2</c>.</summary>
/// <remarks>
/// Left out: loopback, the tunnels that Windows makes (Teredo, 6to4), and the filter drivers' views of an interface. An interface appears with its first
/// byte, and where it is no hardware, while it is up. Packets are unicast and all others. The table is the system's, and freed within the tick.
/// </remarks>
internal sealed unsafe class WindowsNetworkCollector(CollectorContext context) : ICollector
{
    private const int ValuesPerDirection = 3;

    // More than any machine has; what claims more is not the table.
    private const uint MaxRows = 65_536;

    private readonly InterfaceTable _interfaces = new(context.Config.Names);

    /// <inheritdoc/>
    public string Name => "network";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        NativeMethods.InterfaceTableHeader* table = null;
        uint error = NativeMethods.GetIfTable2(&table);
        if (error != 0) throw new Win32Exception((int)error);
        try
        {
            if (table->Count > MaxRows) throw new InvalidDataException($"GetIfTable2 names {table->Count} interfaces");
            Collect(new ReadOnlySpan<NativeMethods.InterfaceRow>((byte*)table + NativeMethods.InterfaceTableHeader.RowsAt, (int)table->Count), columns);
        }
        finally
        {
            NativeMethods.FreeMibTable(table);
        }
    }

    /// <summary>Writes the rows of a table into the columns.</summary>
    internal void Collect(ReadOnlySpan<NativeMethods.InterfaceRow> rows, Columns columns)
    {
        if (Walk(rows, columns)) return;
        _interfaces.Clear();
        foreach (ref readonly NativeMethods.InterfaceRow row in rows) _interfaces.Learn(row);
        string[][] instances = [.. _interfaces.Reported.SelectMany(static name => (string[][])[[name, "receive"], [name, "transmit"]])];
        columns.Shape(instances.Length == 0 ? [] : [new SchemaPart(Templates.Network, instances), new SchemaPart(Templates.NetworkPackets, instances)]);
        Walk(rows, columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held between ticks.
    }

    private bool Walk(ReadOnlySpan<NativeMethods.InterfaceRow> rows, Columns columns)
    {
        int packetsAt = _interfaces.Reported.Count * 2 * ValuesPerDirection;
        _interfaces.Begin();
        foreach (ref readonly NativeMethods.InterfaceRow row in rows)
        {
            int index = _interfaces.Next(row);
            if (index < 0) continue;
            int receive = index * 2, transmit = receive + 1;
            Set(columns, receive * ValuesPerDirection, row.InOctets, row.InDiscards, row.InErrors);
            Set(columns, transmit * ValuesPerDirection, row.OutOctets, row.OutDiscards, row.OutErrors);
            columns.Set(packetsAt + receive, row.InUnicastPackets + row.InOtherPackets);
            columns.Set(packetsAt + transmit, row.OutUnicastPackets + row.OutOtherPackets);
        }

        return _interfaces.End();
    }

    private static void Set(Columns columns, int at, ulong bytes, ulong dropped, ulong errors)
    {
        columns.Set(at, bytes);
        columns.Set(at + 1, dropped);
        columns.Set(at + 2, errors);
    }
}
