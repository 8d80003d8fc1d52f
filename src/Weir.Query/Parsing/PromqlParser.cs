using System.Globalization;
using Weir.Contracts;

namespace Weir.Query.Parsing;

/// <summary>Parses PromQL.</summary>
/// <remarks>Precedence climbing over the token list. Depth is bounded, so hostile nesting ends in an error rather than on the stack's end.</remarks>
public sealed class PromqlParser
{
    private const int MaxDepth = 100;

    private static readonly string[] Aggregations = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "count_values", "bottomk", "topk", "quantile", "limitk", "limit_ratio"];
    private static readonly string[] WithParameter = ["count_values", "bottomk", "topk", "quantile", "limitk", "limit_ratio"];

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;

    private PromqlParser(string text)
    {
        _text = text;
        _tokens = Lexer.Read(text);
    }

    private Token Current => _tokens[_next];

    /// <summary>Parses a query.</summary>
    /// <exception cref="QueryException">With the position of the error.</exception>
    public static Expr Parse(string text)
    {
        var parser = new PromqlParser(text);
        Expr expr = parser.ParseBinary(0);
        if (parser.Current.Kind != TokenKind.End) throw parser.Unexpected("an operator or the end of the query");
        return expr;
    }

    private static int Precedence(Token token) => token.Kind switch
    {
        TokenKind.Identifier => token.Text.ToLowerInvariant() switch { "or" => 1, "and" or "unless" => 2, "atan2" => 5, _ => 0 },
        TokenKind.Equal or TokenKind.NotEqual or TokenKind.Greater or TokenKind.GreaterOrEqual or TokenKind.Less or TokenKind.LessOrEqual => 3,
        TokenKind.Add or TokenKind.Subtract => 4,
        TokenKind.Multiply or TokenKind.Divide or TokenKind.Modulo => 5,
        TokenKind.Power => 6,
        _ => 0,
    };

    private Expr ParseBinary(int least)
    {
        if (++_depth > MaxDepth) throw Syntax(Current.Position, $"the query is nested deeper than {MaxDepth}");
        Expr left = ParseUnary();
        while (Precedence(Current) is var precedence && precedence > least)
        {
            Token op = Take();
            string name = op.Text.ToLowerInvariant();
            bool returnBool = IsWord("bool");
            if (returnBool) Take();
            Matching matching = ParseMatching();
            // Power binds to the right, everything else to the left.
            Expr right = ParseBinary(op.Kind == TokenKind.Power ? precedence - 1 : precedence);
            left = Combine(op, name, left, right, returnBool, matching);
        }

        _depth--;
        return left;
    }

    private BinaryExpr Combine(Token op, string name, Expr left, Expr right, bool returnBool, Matching matching)
    {
        bool comparison = Precedence(op) == 3;
        bool set = name is "and" or "or" or "unless";
        foreach (Expr side in (ReadOnlySpan<Expr>)[left, right])
            if (side.Type is ExprType.String or ExprType.Matrix) throw Syntax(side.Position, "a binary expression takes scalars and instant vectors");
        bool scalars = left.Type == ExprType.Scalar || right.Type == ExprType.Scalar;
        if (returnBool && !comparison) throw Syntax(op.Position, "the modifier bool belongs to comparisons");
        if (comparison && !returnBool && left.Type == ExprType.Scalar && right.Type == ExprType.Scalar) throw Syntax(op.Position, "comparisons between scalars need the modifier bool");
        if (set && scalars) throw Syntax(op.Position, $"the set operator '{name}' takes instant vectors");
        if (scalars && matching != Matching.Default) throw Syntax(op.Position, "vector matching is only allowed between instant vectors");
        if (set && matching.Group is not null) throw Syntax(op.Position, $"no grouping is allowed for '{name}'");
        return new BinaryExpr(name, left, right, returnBool, matching, left.Position);
    }

    private Matching ParseMatching()
    {
        if (!IsWord("on") && !IsWord("ignoring")) return Matching.Default;
        bool on = Take().Text.Equals("on", StringComparison.OrdinalIgnoreCase);
        List<string> labels = ParseLabelList();
        if (!IsWord("group_left") && !IsWord("group_right")) return new Matching(on, labels, null, []);
        string group = Take().Text.ToLowerInvariant();
        return new Matching(on, labels, group, Current.Kind == TokenKind.LeftParen ? ParseLabelList() : []);
    }

    private Expr ParseUnary()
    {
        if (Current.Kind is TokenKind.Add or TokenKind.Subtract)
        {
            Token sign = Take();
            if (++_depth > MaxDepth) throw Syntax(sign.Position, $"the query is nested deeper than {MaxDepth}");
            // A sign binds weaker than power, stronger than the rest.
            Expr inner = ParseBinary(5);
            _depth--;
            if (inner.Type is ExprType.String or ExprType.Matrix) throw Syntax(sign.Position, "a sign takes a scalar or an instant vector");
            if (sign.Kind == TokenKind.Add) return inner;
            return inner is NumberExpr number ? new NumberExpr(-number.Value, sign.Position) : new NegateExpr(inner, sign.Position);
        }

        return ParsePostfix(ParsePrimary());
    }

    private Expr ParsePostfix(Expr expr)
    {
        while (true)
        {
            if (Current.Kind == TokenKind.LeftBracket) expr = ParseRange(expr);
            else if (Current.Kind == TokenKind.At || IsWord("offset")) expr = Shift(expr);
            else return expr;
        }
    }

    private Expr ParseRange(Expr expr)
    {
        Token bracket = Take();
        long range = ParseDuration();
        if (range <= 0) throw Syntax(bracket.Position, "a range must be longer than nothing");
        if (Current.Kind == TokenKind.Colon)
        {
            Take();
            long step = Current.Kind == TokenKind.RightBracket ? 0 : ParseDuration();
            Expect(TokenKind.RightBracket, "']'");
            if (expr.Type is not (ExprType.Vector or ExprType.Scalar)) throw Syntax(bracket.Position, "a subquery takes an instant vector");
            return new SubqueryExpr(expr, range, step, TimeShift.None, expr.Position);
        }

        Expect(TokenKind.RightBracket, "']'");
        if (expr is not SelectorExpr { Shift.IsNone: true } selector) throw Syntax(bracket.Position, "a range belongs to a selector, in front of offset and @");
        return new RangeExpr(selector, range, expr.Position);
    }

    private Expr Shift(Expr expr)
    {
        Token modifier = Take();
        TimeShift shift = expr switch
        {
            SelectorExpr selector => selector.Shift,
            RangeExpr range => range.Selector.Shift,
            SubqueryExpr subquery => subquery.Shift,
            _ => throw Syntax(modifier.Position, $"'{modifier.Text}' belongs to a selector or a subquery"),
        };
        if (modifier.Kind != TokenKind.At)
        {
            if (shift.OffsetMs != 0) throw Syntax(modifier.Position, "offset may stand once");
            bool negative = Current.Kind == TokenKind.Subtract;
            if (negative) Take();
            long offset = ParseDuration();
            shift = shift with { OffsetMs = negative ? -offset : offset };
        }
        else
        {
            if (shift.AtMs is not null || shift.AtEdge is not null) throw Syntax(modifier.Position, "@ may stand once");
            shift = ParseAt(shift);
        }

        return expr switch
        {
            SelectorExpr selector => selector with { Shift = shift },
            RangeExpr range => range with { Selector = range.Selector with { Shift = shift } },
            _ => (SubqueryExpr)expr with { Shift = shift },
        };
    }

    private TimeShift ParseAt(TimeShift shift)
    {
        if (IsWord("start") || IsWord("end"))
        {
            string edge = Take().Text.ToLowerInvariant();
            Expect(TokenKind.LeftParen, "'('");
            Expect(TokenKind.RightParen, "')'");
            return shift with { AtEdge = edge };
        }

        bool negative = Current.Kind == TokenKind.Subtract;
        if (negative) Take();
        Token token = Expect(TokenKind.Number, "a time in Unix seconds, start() or end()");
        double seconds = Number(token) * (negative ? -1 : 1);
        if (!double.IsFinite(seconds) || Math.Abs(seconds) > 9e12) throw Syntax(token.Position, "the time of @ is out of range");
        return shift with { AtMs = (long)Math.Round(seconds * 1000) };
    }

    private Expr ParsePrimary()
    {
        Token token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                Take();
                return new NumberExpr(Number(token), token.Position);
            case TokenKind.Duration:
                // A bare duration is a number of seconds.
                return new NumberExpr(ParseDuration() / 1000.0, token.Position);
            case TokenKind.String:
                Take();
                return new StringExpr(token.Text, token.Position);
            case TokenKind.LeftParen:
                Take();
                Expr inner = ParseBinary(0);
                Expect(TokenKind.RightParen, "')'");
                return inner is SelectorExpr ? new ParenExpr(inner, token.Position) : inner;
            case TokenKind.LeftBrace:
                return ParseSelector("", token.Position);
            case TokenKind.Identifier:
                return ParseName();
            default:
                throw Unexpected("an expression");
        }
    }

    private Expr ParseName()
    {
        Token name = Take();
        string lower = name.Text.ToLowerInvariant();
        bool call = Current.Kind == TokenKind.LeftParen;
        if (Array.IndexOf(Aggregations, lower) >= 0 && (call || IsWord("by") || IsWord("without"))) return ParseAggregation(lower, name.Position);
        if (call) return ParseCall(name);
        if (Current.Kind != TokenKind.LeftBrace && lower is "inf" or "nan") return new NumberExpr(lower == "inf" ? double.PositiveInfinity : double.NaN, name.Position);
        return ParseSelector(name.Text, name.Position);
    }

    private AggregateExpr ParseAggregation(string name, int position)
    {
        bool without = false;
        List<string>? labels = null;
        if (IsWord("by") || IsWord("without"))
        {
            without = Take().Text.Equals("without", StringComparison.OrdinalIgnoreCase);
            labels = ParseLabelList();
        }

        List<Expr> arguments = ParseArguments();
        if (labels is null && (IsWord("by") || IsWord("without")))
        {
            without = Take().Text.Equals("without", StringComparison.OrdinalIgnoreCase);
            labels = ParseLabelList();
        }

        int wanted = Array.IndexOf(WithParameter, name) >= 0 ? 2 : 1;
        if (arguments.Count != wanted) throw Syntax(position, $"'{name}' takes {wanted} argument{(wanted == 1 ? "" : "s")}, not {arguments.Count}");
        if (arguments[^1].Type != ExprType.Vector) throw Syntax(arguments[^1].Position, $"'{name}' takes an instant vector");
        if (wanted == 2 && arguments[0].Type != (name == "count_values" ? ExprType.String : ExprType.Scalar))
            throw Syntax(arguments[0].Position, $"the parameter of '{name}' is a {(name == "count_values" ? "string" : "scalar")}");
        return new AggregateExpr(name, wanted == 2 ? arguments[0] : null, arguments[^1], without, labels ?? [], position);
    }

    private CallExpr ParseCall(Token name)
    {
        Function function = Function.Find(name.Text) ?? throw Syntax(name.Position, $"unknown function '{name.Text}'");
        List<Expr> arguments = ParseArguments();
        int most = function.Optional < 0 ? int.MaxValue : function.Arguments.Count;
        int least = function.Arguments.Count - Math.Abs(function.Optional);
        if (arguments.Count < least || arguments.Count > most)
            throw Syntax(name.Position, $"'{function.Name}' takes {least}{(most == least ? "" : most == int.MaxValue ? " or more" : $" to {most}")} arguments, not {arguments.Count}");
        for (int i = 0; i < arguments.Count; i++)
        {
            ExprType wanted = function.Arguments[Math.Min(i, function.Arguments.Count - 1)];
            if (arguments[i].Type != wanted)
                throw Syntax(arguments[i].Position, $"argument {i + 1} of '{function.Name}' must be {Name(wanted)}, not {Name(arguments[i].Type)}");
        }

        return new CallExpr(function, arguments, name.Position);
    }

    private List<Expr> ParseArguments()
    {
        Expect(TokenKind.LeftParen, "'('");
        var arguments = new List<Expr>();
        while (Current.Kind != TokenKind.RightParen)
        {
            arguments.Add(ParseBinary(0));
            if (Current.Kind != TokenKind.Comma) break;
            Take();
        }

        Expect(TokenKind.RightParen, "')' or ','");
        return arguments;
    }

    private SelectorExpr ParseSelector(string name, int position)
    {
        var matchers = new List<LabelMatcher>();
        if (name.Length > 0) matchers.Add(new LabelMatcher(Labels.MetricName, MatchOperator.Equal, name));
        if (Current.Kind == TokenKind.LeftBrace)
        {
            Take();
            while (Current.Kind != TokenKind.RightBrace)
            {
                matchers.Add(ParseMatcher(name.Length > 0));
                if (Current.Kind != TokenKind.Comma) break;
                Take();
            }

            Expect(TokenKind.RightBrace, "'}' or ','");
        }

        if (matchers.All(static matcher => matcher.Matches(""))) throw Syntax(position, "a selector needs a metric name, or a matcher that does not match the empty value");
        return new SelectorExpr(matchers, TimeShift.None, position);
    }

    private LabelMatcher ParseMatcher(bool named)
    {
        Token label = Current;
        if (label.Kind is not (TokenKind.Identifier or TokenKind.String)) throw Unexpected("a label name");
        Take();
        // {"metric.name"}: a quoted name alone is the metric's.
        if (label.Kind == TokenKind.String && Current.Kind is TokenKind.Comma or TokenKind.RightBrace)
        {
            if (named) throw Syntax(label.Position, "the metric's name stands twice");
            return new LabelMatcher(Labels.MetricName, MatchOperator.Equal, label.Text);
        }

        MatchOperator op = Current.Kind switch
        {
            TokenKind.Assign => MatchOperator.Equal,
            TokenKind.NotEqual => MatchOperator.NotEqual,
            TokenKind.RegexMatch => MatchOperator.Regex,
            TokenKind.RegexNotMatch => MatchOperator.NotRegex,
            _ => throw Unexpected("'=', '!=', '=~' or '!~'"),
        };
        Take();
        Token value = Expect(TokenKind.String, "a quoted value");
        if (named && label.Text == Labels.MetricName) throw Syntax(label.Position, "the metric's name stands twice");
        try
        {
            return new LabelMatcher(label.Text, op, value.Text);
        }
        catch (ArgumentException e)
        {
            throw Syntax(value.Position, e.Message);
        }
    }

    private List<string> ParseLabelList()
    {
        Expect(TokenKind.LeftParen, "'('");
        var labels = new List<string>();
        while (Current.Kind != TokenKind.RightParen)
        {
            if (Current.Kind is not (TokenKind.Identifier or TokenKind.String)) throw Unexpected("a label name");
            labels.Add(Take().Text);
            if (Current.Kind != TokenKind.Comma) break;
            Take();
        }

        Expect(TokenKind.RightParen, "')' or ','");
        return labels;
    }

    private long ParseDuration()
    {
        Token token = Current;
        if (token.Kind is not (TokenKind.Duration or TokenKind.Number)) throw Unexpected("a duration such as 5m");
        Take();
        if (token.Kind == TokenKind.Duration)
            return DurationText.TryParseMs(token.Text, out long ms) ? ms : throw Syntax(token.Position, $"'{token.Text}' is not a duration such as 5m or 1h30m");
        double seconds = Number(token);
        return seconds is >= 0 and < 1e11 ? (long)Math.Round(seconds * 1000) : throw Syntax(token.Position, "the duration is out of range");
    }

    private double Number(Token token)
    {
        if (token.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            if (ulong.TryParse(token.Text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hex)) return hex;
        }
        else if (double.TryParse(token.Text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double value))
        {
            return value;
        }

        throw Syntax(token.Position, $"'{token.Text}' is not a number");
    }

    private static string Name(ExprType type) => type switch
    {
        ExprType.Scalar => "a scalar",
        ExprType.String => "a string",
        ExprType.Vector => "an instant vector",
        _ => "a range vector",
    };

    private bool IsWord(string word) => Current.Kind == TokenKind.Identifier && Current.Text.Equals(word, StringComparison.OrdinalIgnoreCase);

    private Token Take() => _tokens[_next++];

    private Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    private QueryException Unexpected(string expected) =>
        Syntax(Current.Position, Current.Kind == TokenKind.End ? $"the query ends where {expected} is expected" : $"'{Current.Text}' stands where {expected} is expected");

    private QueryException Syntax(int position, string message) => QueryException.Syntax(_text, position, message);
}
