using System.Globalization;

namespace Weir.Bench.Reconnect;

/// <summary>Draws a report: attempts per second and connected agents over time, and a histogram of the spacing of attempts for each restart.</summary>
internal static class ReconnectPlot
{
    private const int Width = 1000;
    private const int Left = 60;
    private const int Right = 940;
    private const string Welcomed = "#2a6fbb";
    private const string Failed = "#d9822b";
    private const string Connected = "#444";
    private const string Grid = "#ddd";

    public static string Draw(ReconnectReport report)
    {
        var svg = new SvgText(Width, 700);
        svg.Text(Left, 26, string.Create(CultureInfo.InvariantCulture, $"{report.Agents:N0} agents: attempts to connect per second, and agents connected"));
        Legend(svg, 48);
        DrawTime(svg, report, top: 80, bottom: 350);
        svg.Text(Left, 420, "Spacing: from the end of an attempt or connection to the agent's next attempt, attempts per 250 ms (beyond 15.75 s all in one)");
        int width = (Right - Left - 60) / report.Restarts.Count;
        for (int i = 0; i < report.Restarts.Count; i++)
            DrawSpacing(svg, report, report.Restarts[i], Left + (i * (width + 60)), width, top: 465, bottom: 650);
        return svg.ToString();
    }

    private static void Legend(SvgText svg, int y)
    {
        svg.Rectangle(Left, y - 10, 12, 12, Welcomed);
        svg.Text(Left + 18, y, "attempts, welcomed");
        svg.Rectangle(Left + 170, y - 10, 12, 12, Failed);
        svg.Text(Left + 188, y, "attempts, refused or nobody there");
        svg.Line(Left + 430, y - 4, Left + 452, y - 4, Connected);
        svg.Text(Left + 458, y, "agents connected (right scale)");
    }

    private static void DrawTime(SvgText svg, ReconnectReport report, int top, int bottom)
    {
        int seconds = (int)Math.Ceiling(report.End.TotalSeconds) + 1;
        var welcomed = new int[seconds];
        var failed = new int[seconds];
        foreach (Attempt attempt in report.Attempts) (attempt.Failure is null ? welcomed : failed)[(int)attempt.At.TotalSeconds]++;
        double most = RoundUp(welcomed.Zip(failed, static (a, b) => a + b).Max()), perSecond = (double)(Right - Left) / seconds;
        double Y(double value, double of) => bottom - ((bottom - top) * value / of);
        Axis(svg, Left, Right, bottom, (int)RoundUp(seconds / 15.0), seconds, perSecond, " s");
        for (int quarter = 0; quarter <= 4; quarter++)
        {
            double y = Y(quarter, 4);
            svg.Line(Left, y, Right, y, Grid);
            svg.Text(Left - 6, y + 4, Number(most * quarter / 4), "end");
            svg.Text(Right + 6, y + 4, Number(report.Agents * quarter / 4.0));
        }

        for (int second = 0; second < seconds; second++)
        {
            double x = Left + (second * perSecond), below = Y(welcomed[second], most), above = Y(welcomed[second] + failed[second], most);
            if (welcomed[second] > 0) svg.Rectangle(x, below, perSecond - 0.5, bottom - below, Welcomed);
            if (failed[second] > 0) svg.Rectangle(x, above, perSecond - 0.5, below - above, Failed);
        }

        svg.Path(ConnectedOver(report).Select(step => (Left + (step.At.TotalSeconds * perSecond), Y(step.Connected, report.Agents))), Connected);
        foreach (Restart restart in report.Restarts)
        {
            Mark(restart.AskedAt, restart.Kind == RestartKind.Planned ? "SIGTERM" : "kill -9", "end");
            Mark(restart.ReadyAt, "ready", "start");
        }

        void Mark(TimeSpan at, string text, string anchor)
        {
            double x = Left + (at.TotalSeconds * perSecond);
            svg.Line(x, top - 8, x, bottom, Connected, "3 3");
            svg.Text(anchor == "end" ? x - 3 : x + 3, top - 6, text, anchor, Connected);
        }
    }

    private static void DrawSpacing(SvgText svg, ReconnectReport report, Restart restart, int left, int width, int top, int bottom)
    {
        int[] counts = new int[64];
        int last = 0;
        foreach (Attempt attempt in report.AttemptsOf(restart))
        {
            if (attempt.Spacing is not { } spacing) continue;
            int bin = Math.Min(counts.Length - 1, (int)(spacing.TotalSeconds * 4));
            counts[bin]++;
            last = Math.Max(last, bin);
        }

        double most = RoundUp(counts.Max()), perBin = (double)width / (last + 1);
        svg.Text(left, top - 14, restart.Kind == RestartKind.Planned ? "SIGTERM, started again at once" : "kill -9");
        Axis(svg, left, left + width, bottom, last < 16 ? 4 : 8, last + 1, perBin, " s", 0.25);
        for (int half = 0; half <= 2; half++)
        {
            double y = bottom - ((bottom - top) * half / 2.0);
            svg.Line(left, y, left + width, y, Grid);
            svg.Text(left - 6, y + 4, Number(most * half / 2), "end");
        }

        for (int bin = 0; bin <= last; bin++)
        {
            double height = (bottom - top) * counts[bin] / most;
            if (counts[bin] > 0) svg.Rectangle(left + (bin * perBin), bottom - height, perBin - 1, height, Welcomed);
        }
    }

    private static void Axis(SvgText svg, int left, int right, int bottom, int step, int steps, double width, string unit, double scale = 1)
    {
        svg.Line(left, bottom, right, bottom, Connected);
        for (int at = 0; at <= steps; at += step) svg.Text(left + (at * width), bottom + 18, string.Create(CultureInfo.InvariantCulture, $"{at * scale:0.##}{unit}"), "middle");
    }

    private static IEnumerable<(TimeSpan At, int Connected)> ConnectedOver(ReconnectReport report)
    {
        var connected = new HashSet<int>();
        // A step of 100 ms is less than a pixel. What lies between two steps is level.
        foreach (IGrouping<long, ConnectionEvent> step in report.Events.GroupBy(static each => each.At.Ticks / (TimeSpan.TicksPerSecond / 10)))
        {
            yield return (step.First().At, connected.Count);
            foreach (ConnectionEvent each in step)
            {
                if (each.Step == ConnectionStep.Welcomed) connected.Add(each.Agent);
                else if (each.Step == ConnectionStep.Ended) connected.Remove(each.Agent);
            }

            yield return (step.Last().At, connected.Count);
        }
    }

    // To one, two or five times a power of ten.
    private static double RoundUp(double value)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(Math.Max(1, value))));
        return power * ((value / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
    }

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
