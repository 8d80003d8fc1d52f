using System.Globalization;

namespace Weir.Bench.Connect;

/// <summary>What connections of one kind took.</summary>
/// <param name="Kind">Plaintext or TLS.</param>
/// <param name="Welcomes">From the first packet to Welcome, in order of length.</param>
/// <param name="FirstAcks">From the first packet to the ACK of the first frame, its objects ahead of it, in order of length.</param>
/// <param name="OpenCpu">CPU time of the server for each connection with its first frame.</param>
/// <param name="Acks">From a further frame to its ACK over an open connection, in order of length.</param>
/// <param name="FrameCpu">CPU time of the server for each of those.</param>
internal sealed record ConnectReport(string Kind, TimeSpan[] Welcomes, TimeSpan[] FirstAcks, TimeSpan OpenCpu, TimeSpan[] Acks, TimeSpan FrameCpu)
{
    public void Write(TextWriter output)
    {
        Line(output, $"{Kind}, {FirstAcks.Length} connections one after another, {Acks.Length} further frames; {Environment.ProcessorCount} cores");
        Line(output, $"  connect to Welcome     {Times(Welcomes)}");
        Line(output, $"  connect to first ack   {Times(FirstAcks)}   CPU of the server {OpenCpu.TotalMilliseconds:N2} ms");
        Line(output, $"  further frame to ack   {Times(Acks)}   CPU of the server {FrameCpu.TotalMilliseconds:N2} ms");
        Line(output, $"  new against open       {Quantile.Of(FirstAcks, 0.5) / Quantile.Of(Acks, 0.5):N1} x the time (p50), {OpenCpu / FrameCpu:N1} x the CPU");
    }

    private static string Times(TimeSpan[] sorted) =>
        string.Create(CultureInfo.InvariantCulture, $"p50 {Quantile.Of(sorted, 0.5).TotalMilliseconds,6:N2} ms, p99 {Quantile.Of(sorted, 0.99).TotalMilliseconds,7:N2} ms");

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
