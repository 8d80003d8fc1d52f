namespace Weir.Frames.Tests;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("system.cpu.time", "s", MetricKind.Counter, "system_cpu_time_seconds_total")]
    [InlineData("system.cpu.utilization", "1", MetricKind.Gauge, "system_cpu_utilization_ratio")]
    [InlineData("system.network.packet.count", "{packet}", MetricKind.Counter, "system_network_packet_count_total")]
    [InlineData("system.disk.io", "By", MetricKind.Counter, "system_disk_io_bytes_total")]
    [InlineData("system.cpu.load_average.1m", "{thread}", MetricKind.Gauge, "system_cpu_load_average_1m")]
    [InlineData("disk.rate", "By/s", MetricKind.Gauge, "disk_rate_bytes_per_second")]
    [InlineData("already.bytes", "By", MetricKind.Gauge, "already_bytes")]
    [InlineData("x.total", "1", MetricKind.Counter, "x_total")]
    [InlineData("9lives", "", MetricKind.Gauge, "_9lives")]
    [InlineData("a..b-c", "", MetricKind.Gauge, "a_b_c")]
    public void Metric_OpenTelemetryName_BecomesPrometheus(string name, string unit, MetricKind kind, string expected) =>
        Assert.Equal(expected, PrometheusNames.Metric(new Metric(name, unit, kind), NamingRule.OpenTelemetry));

    [Fact]
    public void Metric_PrometheusName_IsFinal()
    {
        Assert.Equal("node:x_bucket", PrometheusNames.Metric(new Metric("node:x_bucket", "", MetricKind.Counter), NamingRule.Prometheus));
        Assert.Equal("le", PrometheusNames.Label("le", NamingRule.Prometheus));
        Assert.Equal("cpu_mode", PrometheusNames.Label("cpu.mode", NamingRule.OpenTelemetry));
    }

    [Theory]
    [InlineData("host.name", true)]
    [InlineData("host.id", true)]
    [InlineData("host.arch", false)]
    [InlineData("os.type", false)]
    [InlineData("site", true)]
    public void HostAttributes_LabelsAndDescription(string key, bool label) => Assert.Equal(label, HostAttributes.IsLabel(key));
}
