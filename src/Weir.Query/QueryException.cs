namespace Weir.Query;

/// <summary>Why a query was not answered.</summary>
public enum QueryErrorKind
{
    /// <summary>The text is not PromQL; the message names the position.</summary>
    Syntax,

    /// <summary>Valid PromQL that this version does not evaluate yet.</summary>
    NotSupported,

    /// <summary>It would read or return more than the limits allow.</summary>
    Limit,

    /// <summary>It took longer than allowed.</summary>
    Timeout,

    /// <summary>It cannot be evaluated: many-to-many matching and the like.</summary>
    Execution,
}

/// <summary>A query was not answered.</summary>
public sealed class QueryException : Exception
{
    /// <summary>Makes the error.</summary>
    public QueryException(QueryErrorKind kind, string message, int position = -1, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Position = position;
    }

    /// <summary>What kind of failure.</summary>
    public QueryErrorKind Kind { get; }

    /// <summary>Offset in the query text, in characters from 0; -1 where there is none.</summary>
    public int Position { get; }

    internal static QueryException Syntax(string text, int position, string message)
    {
        int line = 1, column = 1;
        for (int i = 0; i < position && i < text.Length; i++)
        {
            if (text[i] == '\n') (line, column) = (line + 1, 1);
            else column++;
        }

        return new QueryException(QueryErrorKind.Syntax, $"{line}:{column}: parse error: {message}", position);
    }

    internal static QueryException NotSupported(string what, int position) =>
        new(QueryErrorKind.NotSupported, $"not supported yet: {what}", position);
}
