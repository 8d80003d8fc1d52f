using System.Globalization;
using Weir.Agent.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>What a collector gave, as text: <c>metric{value,value}</c> and a number, <c>-</c> where it was not due, or why it failed.</summary>
internal static class SeriesText
{
    public static Dictionary<string, string> Of(Columns columns)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (columns.Count == 0) return texts;
        var schema = new Schema(columns.Parts);
        for (int series = 0; series < schema.SeriesCount; series++)
        {
            string name = $"{schema.MetricOf(series).Name}{{{string.Join(',', schema.AttributesOf(series).Select(static attribute => attribute.Value))}}}";
            texts.Add(name, columns.States[series] switch
            {
                Columns.Present => columns.Values[series].ToString(CultureInfo.InvariantCulture),
                Columns.NotDue => "-",
                var state => $"{Columns.ReasonOf(state)}",
            });
        }

        return texts;
    }

    /// <summary>Runs a collector for a tick.</summary>
    public static Dictionary<string, string> Tick(this ICollector collector, Columns columns)
    {
        columns.Clear();
        collector.Collect(columns);
        return Of(columns);
    }
}
