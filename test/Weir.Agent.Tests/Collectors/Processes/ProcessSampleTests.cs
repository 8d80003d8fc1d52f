using System.Text;
using Weir.Agent.Collectors.Linux.Processes;

namespace Weir.Agent.Tests.Collectors.Processes;

public sealed class ProcessSampleTests
{
    internal const string Tail = " 1 1 0 -1 4194304 11 12 13 14 15 16 17 18 20 0 3 0 1234 4096000 250 18446744073709551615 1 1 0 0 0 0 0";

    private static string CommandOf(ProcessSample sample)
    {
        Span<byte> bytes = stackalloc byte[16];
        return Encoding.Latin1.GetString(bytes[..sample.CopyCommand(bytes)]);
    }

    [Theory]
    [InlineData("cat")]
    [InlineData("a) R 5 (b")]
    [InlineData("two words")]
    [InlineData("line\nend) ")]
    [InlineData(")")]
    [InlineData("\u00ff\u00fe")]
    public void TryParse_AnyCommand_ReadsTheFieldsBehindTheLastParenthesis(string command)
    {
        byte[] line = Encoding.Latin1.GetBytes($"42 ({command}) S 1{Tail}\n");
        Assert.True(ProcessSample.TryParse(42, line, out ProcessSample sample));
        Assert.Equal(command, CommandOf(sample));
        Assert.Equal(((byte)'S', false), (sample.State, sample.IsKernel));
        Assert.Equal((11ul, 13ul, 15ul, 16ul), (sample.MinorFaults, sample.MajorFaults, sample.User, sample.System));
        Assert.Equal((3u, 1234ul, 4096000ul, 250ul), (sample.Threads, sample.Start, sample.VirtualBytes, sample.ResidentPages));
    }

    [Fact]
    public void TryParse_KernelThread_IsTold()
    {
        Assert.True(ProcessSample.TryParse(2, Encoding.Latin1.GetBytes($"2 (kworker/0:1-events_unbound) I 2{Tail.Replace("4194304", "69238880", StringComparison.Ordinal)}"), out ProcessSample sample));
        Assert.True(sample.IsKernel);
        Assert.Equal("kworker/0:1-even", CommandOf(sample));
    }

    [Theory]
    [InlineData("")]
    [InlineData("42")]
    [InlineData("42 (cat")]
    [InlineData("42 (cat) ")]
    [InlineData("42 (cat) S")]
    [InlineData("42 (cat) S 1 1 1 0 -1 4194304 11 12 13 14 15 16")]
    [InlineData("42 )cat( S 1 1 1 0")]
    [InlineData("42 (cat) S x y z 0 -1 4194304 11 12 13 14 15 16 17 18 20 0 3 0 1234 4096000 250")]
    public void TryParse_CutOrMalformedLine_IsRefused(string line) => Assert.False(ProcessSample.TryParse(42, Encoding.Latin1.GetBytes(line), out _));

    [Fact]
    public void TryParse_EveryPrefixOfALine_IsReadOrRefusedWithoutThrowing()
    {
        byte[] line = Encoding.Latin1.GetBytes($"42 (c) a) S 1{Tail}\n");
        int accepted = Enumerable.Range(0, line.Length).Count(length => ProcessSample.TryParse(42, line.AsSpan(0, length), out _));
        Assert.InRange(accepted, 1, line.Length / 2);
    }
}
