namespace Weir.Query.Parsing;

/// <summary>Kinds of tokens.</summary>
internal enum TokenKind
{
    End,
    Identifier,
    Number,
    Duration,
    String,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    At,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Equal,
    NotEqual,
    RegexMatch,
    RegexNotMatch,
    Assign,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// <summary>One token and where it stands.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Position);
