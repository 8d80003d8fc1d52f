using Weir.Contracts;

namespace Weir.Query.Parsing;

/// <summary>The type of an expression's value.</summary>
public enum ExprType
{
    /// <summary>A number.</summary>
    Scalar,

    /// <summary>A text.</summary>
    String,

    /// <summary>One value per series.</summary>
    Vector,

    /// <summary>A range of samples per series.</summary>
    Matrix,
}

/// <summary>A node of a parsed query.</summary>
/// <param name="Position">Offset of its first character in the text.</param>
public abstract record Expr(int Position)
{
    /// <summary>The type of its value.</summary>
    public abstract ExprType Type { get; }
}

/// <summary>A number.</summary>
public sealed record NumberExpr(double Value, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => ExprType.Scalar;
}

/// <summary>A text.</summary>
public sealed record StringExpr(string Value, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => ExprType.String;
}

/// <summary>How <c>@</c> and <c>offset</c> move a selector or subquery in time.</summary>
/// <param name="OffsetMs">Moved back by so much.</param>
/// <param name="AtMs">Fixed time of <c>@</c>; null where there is none.</param>
/// <param name="AtEdge"><c>start</c> or <c>end</c> of <c>@ start()</c>, <c>@ end()</c>; else null.</param>
public sealed record TimeShift(long OffsetMs, long? AtMs, string? AtEdge)
{
    /// <summary>Not moved.</summary>
    public static TimeShift None { get; } = new(0, null, null);

    /// <summary>Whether the value depends on the evaluation time as it is.</summary>
    public bool IsNone => this == None;
}

/// <summary>An instant vector selector.</summary>
public sealed record SelectorExpr(IReadOnlyList<LabelMatcher> Matchers, TimeShift Shift, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => ExprType.Vector;
}

/// <summary>A range vector selector.</summary>
public sealed record RangeExpr(SelectorExpr Selector, long RangeMs, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => ExprType.Matrix;
}

/// <summary>A subquery; a step of 0 means the default.</summary>
public sealed record SubqueryExpr(Expr Inner, long RangeMs, long StepMs, TimeShift Shift, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => ExprType.Matrix;
}

/// <summary>An aggregation.</summary>
public sealed record AggregateExpr(string Operator, Expr? Parameter, Expr Inner, bool Without, IReadOnlyList<string> Labels, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => ExprType.Vector;
}

/// <summary>A function call.</summary>
public sealed record CallExpr(Function Function, IReadOnlyList<Expr> Arguments, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => Function.Returns;
}

/// <summary>A sign in front.</summary>
public sealed record NegateExpr(Expr Inner, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => Inner.Type;
}

/// <summary>How the series of two vectors are put together.</summary>
/// <param name="On">Whether only <paramref name="Labels"/> count, else all but these.</param>
/// <param name="Labels">Labels of <c>on</c> or <c>ignoring</c>.</param>
/// <param name="Group"><c>group_left</c>, <c>group_right</c> or null.</param>
/// <param name="Include">Labels of the group modifier.</param>
public sealed record Matching(bool On, IReadOnlyList<string> Labels, string? Group, IReadOnlyList<string> Include)
{
    /// <summary>One to one on all labels.</summary>
    public static Matching Default { get; } = new(false, [], null, []);
}

/// <summary>An operator between two values.</summary>
public sealed record BinaryExpr(string Operator, Expr Left, Expr Right, bool ReturnBool, Matching Matching, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => Left.Type == ExprType.Scalar && Right.Type == ExprType.Scalar ? ExprType.Scalar : ExprType.Vector;
}

/// <summary>A selector in parentheses: a value like it, but no longer something a range may be put behind.</summary>
public sealed record ParenExpr(Expr Inner, int Position) : Expr(Position)
{
    /// <inheritdoc/>
    public override ExprType Type => Inner.Type;
}
