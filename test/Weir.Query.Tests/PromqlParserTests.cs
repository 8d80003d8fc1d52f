using CsCheck;
using Weir.Query.Parsing;

namespace Weir.Query.Tests;

public sealed class PromqlParserTests
{
    [Theory]
    [InlineData("1 + 2 * 3 ^ 2")]
    [InlineData("-2 ^ 2")]
    [InlineData("0x1F + 1e3 + .5 + Inf - NaN")]
    [InlineData("up")]
    [InlineData("job:rate:sum{a=\"b\",c!=\"d\",e=~\"f.*\",g!~'h'}")]
    [InlineData("{__name__=~\"a.+\"}")]
    [InlineData("{\"system.cpu.time\", mode=\"idle\"}")]
    [InlineData("rate(x[5m])")]
    [InlineData("rate(x[1h30m] offset 5m)")]
    [InlineData("x offset -5m @ 1700000000.5")]
    [InlineData("x @ start() offset 1w")]
    [InlineData("max_over_time(rate(x[5m])[1h:1m])")]
    [InlineData("max_over_time(x[1h:] @ end())")]
    [InlineData("sum by (a, b) (x)")]
    [InlineData("sum(x) without (a,)")]
    [InlineData("topk(3, x)")]
    [InlineData("count_values(\"v\", x)")]
    [InlineData("a / on (b) group_left (c) d")]
    [InlineData("a > bool 3")]
    [InlineData("a and b unless c or d")]
    [InlineData("label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")")]
    [InlineData("sum")]
    [InlineData("# comment\n x # end")]
    [InlineData("`raw \\n` ")]
    [InlineData("\"\\u00e9\\x41\\101\\n\"")]
    [InlineData("time()")]
    [InlineData("5m")]
    public void Parse_ValidQuery_IsAccepted(string query) => Assert.NotNull(PromqlParser.Parse(query));

    [Theory]
    [InlineData("", 0)]
    [InlineData("up{", 3)]
    [InlineData("up{a=b}", 5)]
    [InlineData("up{a=~\"(\"}", 6)]
    [InlineData("{}", 0)]
    [InlineData("{a=\"\"}", 0)]
    [InlineData("sum(", 4)]
    [InlineData("rate(x)", 5)]
    [InlineData("rate(x[5m]", 10)]
    [InlineData("x[5m", 4)]
    [InlineData("x[0s]", 1)]
    [InlineData("x[5q]", 2)]
    [InlineData("nope(x)", 0)]
    [InlineData("1 == 2", 2)]
    [InlineData("x and 1", 2)]
    [InlineData("\"open", 0)]
    [InlineData("x ?", 2)]
    [InlineData("x y", 2)]
    [InlineData("x[5m] + 1", 0)]
    [InlineData("(x)[5m]", 3)]
    [InlineData("x offset 5m offset 5m", 12)]
    public void Parse_InvalidQuery_NamesThePosition(string query, int position)
    {
        QueryException error = Assert.Throws<QueryException>(() => PromqlParser.Parse(query));
        Assert.Equal(QueryErrorKind.Syntax, error.Kind);
        Assert.Equal(position, error.Position);
    }

    [Theory]
    [InlineData("rate(x)", "argument 1 of 'rate' must be a range vector, not an instant vector")]
    [InlineData("rate(1)", "argument 1 of 'rate' must be a range vector, not a scalar")]
    public void Parse_ArgumentOfAnotherType_SaysWhatIsWantedAndWhatStandsThere(string query, string message) =>
        Assert.EndsWith(message, Assert.Throws<QueryException>(() => PromqlParser.Parse(query)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_ErrorOnTheSecondLine_SaysLineAndColumn()
    {
        QueryException error = Assert.Throws<QueryException>(() => PromqlParser.Parse("sum(\n  x y)"));
        Assert.StartsWith("2:5: parse error:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Precedence_IsPrometheus()
    {
        var power = Assert.IsType<NegateExpr>(PromqlParser.Parse("-2 ^ 2"));
        Assert.Equal("^", Assert.IsType<BinaryExpr>(power.Inner).Operator);
        var sum = Assert.IsType<BinaryExpr>(PromqlParser.Parse("1 + 2 * 3"));
        Assert.Equal("+", sum.Operator);
        var right = Assert.IsType<BinaryExpr>(PromqlParser.Parse("2 ^ 3 ^ 2"));
        Assert.IsType<BinaryExpr>(right.Right);
        var left = Assert.IsType<BinaryExpr>(PromqlParser.Parse("8 - 3 - 2"));
        Assert.IsType<BinaryExpr>(left.Left);
    }

    [Fact]
    public void Parse_DeepNesting_IsRefusedNotCrashed()
    {
        foreach (string query in (string[])[new string('(', 5000) + "x", string.Concat(Enumerable.Repeat("-", 5000)) + "1", string.Concat(Enumerable.Repeat("1^", 5000)) + "1"])
            Assert.Throws<QueryException>(() => PromqlParser.Parse(query));
    }

    [Fact]
    public void Parse_AnyText_ThrowsNothingElse() =>
        Gen.OneOf(Gen.String[Gen.Char["abx019._:\"'`\\{}[]()<>=!~+-*/%^,@# \n"], 0, 40], Gen.String[0, 40]).Sample(text =>
        {
            try
            {
                PromqlParser.Parse(text);
            }
            catch (QueryException)
            {
                // The one error that a parser may answer with.
            }
        }, iter: 20_000);

    [Theory]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("100ms", 100)]
    [InlineData("1y2w", (365L * 86_400_000) + (14L * 86_400_000))]
    public void TryParseMs_Duration_IsRead(string text, long ms)
    {
        Assert.True(DurationText.TryParseMs(text, out long read));
        Assert.Equal(ms, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m5")]
    [InlineData("5m1h")]
    [InlineData("5m5m")]
    [InlineData("99999999999999y")]
    public void TryParseMs_NoDuration_IsRefused(string text) => Assert.False(DurationText.TryParseMs(text, out _));
}
