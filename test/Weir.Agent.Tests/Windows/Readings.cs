using Weir.Agent.Collection;
using Weir.Frames;

namespace Weir.Agent.Tests.Windows;

/// <summary>What a collector gave, by name and attribute values: <c>system.network.io{eth0,receive}</c>.</summary>
internal static class Readings
{
    /// <summary>One tick of a collector.</summary>
    public static Dictionary<string, double> Of(ICollector collector)
    {
        var columns = new Columns();
        collector.Collect(columns);
        return Of(columns);
    }

    /// <summary>What columns hold.</summary>
    public static Dictionary<string, double> Of(Columns columns)
    {
        var values = new Dictionary<string, double>();
        if (columns.Count == 0) return values;
        var schema = new Schema(columns.Parts);
        for (int s = 0; s < schema.SeriesCount; s++)
            if (columns.States[s] == Columns.Present) values.Add($"{schema.MetricOf(s).Name}{{{string.Join(',', schema.AttributesOf(s).Select(static a => a.Value))}}}", columns.Values[s]);
        return values;
    }
}
