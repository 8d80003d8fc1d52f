using System.Globalization;

namespace Weir.Bench.Reconnect;

/// <summary>Writes a report for people.</summary>
internal static class ReconnectReportWriter
{
    public static void Write(ReconnectReport report, TextWriter output)
    {
        Line(output, $"{report.Agents:N0} agents connected at once, the last after {report.ConnectedAt.TotalSeconds:N1} s; at most {report.WelcomedPerSecond:N0} welcomed of those that came within a second; {Environment.ProcessorCount} cores");
        foreach (Restart restart in report.Restarts) Write(report, restart, output);
        Line(output, $"{report.Frames:N0} frames spooled and acked, {report.StoredSamples:N0} samples stored: each once, nothing else");
    }

    private static void Write(ReconnectReport report, Restart restart, TextWriter output)
    {
        IReadOnlyList<Attempt> attempts = report.AttemptsOf(restart);
        TimeSpan[] spacing = [.. attempts.Select(static attempt => attempt.Spacing ?? TimeSpan.Zero).Order()];
        TimeSpan[] back = [.. attempts.Where(static attempt => attempt.Failure is null).Select(attempt => attempt.At + attempt.Took - restart.ReadyAt).Order()];
        int[] perAgent = [.. attempts.CountBy(static attempt => attempt.Agent).Select(static agent => agent.Value)];
        Line(output, $"");
        Line(output, $"{(restart.Kind == RestartKind.Planned ? "SIGTERM" : "kill -9")} at {restart.AskedAt.TotalSeconds:N1} s");
        Line(output, $"  server           ended after {Since(restart.GoneAt):N1} s, ready again after {Since(restart.ReadyAt):N1} s");
        Line(output, $"  all back         after {Since(restart.BackAt):N1} s, {(restart.BackAt - restart.ReadyAt).TotalSeconds:N1} s after the server was ready; half of them {Quantile.Of(back, 0.5).TotalSeconds:N1} s, 99 of a hundred {Quantile.Of(back, 0.99).TotalSeconds:N1} s after it");
        Line(output, $"  attempts         {attempts.Count:N0}, {(double)attempts.Count / report.Agents:N2} an agent, at most {perAgent.Max()}");
        Line(output, $"  in one second    at most {ReconnectReport.PeakPerSecond(attempts.Select(static attempt => attempt.At)):N0}, at most {ReconnectReport.PeakPerSecond(attempts.Where(attempt => attempt.At >= restart.ReadyAt).Select(static attempt => attempt.At)):N0} once the server was ready");
        Line(output, $"  spacing          min {spacing[0].TotalMilliseconds:N1} ms, p50 {Quantile.Of(spacing, 0.5).TotalMilliseconds:N0} ms, p99 {Quantile.Of(spacing, 0.99).TotalMilliseconds:N0} ms, max {spacing[^1].TotalMilliseconds:N0} ms");
        foreach ((string outcome, int count) in attempts.CountBy(static attempt => attempt.Failure?.Split('\n')[0] ?? "welcomed").OrderByDescending(static outcome => outcome.Value))
            Line(output, $"  {count,8:N0}         {outcome}");

        double Since(TimeSpan at) => (at - restart.AskedAt).TotalSeconds;
    }

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
