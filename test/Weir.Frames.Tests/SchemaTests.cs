namespace Weir.Frames.Tests;

public sealed class SchemaTests
{
    [Fact]
    public void CopyAttributes_IntoAListThatWasUsed_ForgetsWhatItHeld()
    {
        var template = new Template(NamingRule.OpenTelemetry, ["device", "direction"], [new Metric("m", "", MetricKind.Gauge)]);
        var schema = new Schema([new SchemaPart(template, [["sda", "read"], ["", "write"], ["", ""]])]);
        var attributes = new List<SeriesAttribute>();
        schema.CopyAttributes(0, attributes);
        Assert.Equal([new SeriesAttribute("device", "sda"), new SeriesAttribute("direction", "read")], attributes);
        schema.CopyAttributes(1, attributes);
        Assert.Equal([new SeriesAttribute("direction", "write")], attributes);
        schema.CopyAttributes(2, attributes);
        Assert.Empty(attributes);
        Assert.Equal([new SeriesAttribute("direction", "write")], schema.AttributesOf(1));
    }
}
