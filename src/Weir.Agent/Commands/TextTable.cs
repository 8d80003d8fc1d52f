namespace Weir.Agent.Commands;

/// <summary>Prints rows with aligned columns.</summary>
internal static class TextTable
{
    /// <summary>Writes rows, the first being the heading.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="rows">Rows of equal length.</param>
    /// <param name="right">Columns that are numbers, aligned to the right.</param>
    public static void Write(TextWriter output, IReadOnlyList<string[]> rows, params ReadOnlySpan<int> right)
    {
        int columns = rows[0].Length;
        int[] widths = [.. Enumerable.Range(0, columns).Select(column => rows.Max(row => row[column].Length))];
        foreach (string[] row in rows)
        {
            var cells = new string[columns];
            for (int column = 0; column < columns; column++)
                cells[column] = right.Contains(column) ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]);
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
