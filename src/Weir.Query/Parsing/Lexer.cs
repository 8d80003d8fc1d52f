using System.Text;

namespace Weir.Query.Parsing;

/// <summary>Cuts PromQL text into tokens.</summary>
internal static class Lexer
{
    /// <summary>All tokens, the last of kind <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="QueryException">A character or string that cannot begin or end a token.</exception>
    public static List<Token> Read(string text)
    {
        var tokens = new List<Token>();
        int at = 0;
        bool inBrackets = false;
        while (true)
        {
            SkipSpace(text, ref at);
            int start = at;
            if (at == text.Length)
            {
                tokens.Add(new Token(TokenKind.End, "", at));
                return tokens;
            }

            char c = text[at];
            if (c is '[' or ']') inBrackets = c == '[';
            // In brackets a colon separates range and step; elsewhere it belongs to the names of recording rules.
            if (inBrackets && c == ':')
            {
                at++;
                tokens.Add(new Token(TokenKind.Colon, ":", start));
            }
            else if (IsNameStart(c))
            {
                while (at < text.Length && (IsNamePart(text[at]) || text[at] == ':')) at++;
                tokens.Add(new Token(TokenKind.Identifier, text[start..at], start));
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            {
                tokens.Add(ReadNumber(text, ref at));
            }
            else if (c is '"' or '\'' or '`')
            {
                tokens.Add(new Token(TokenKind.String, ReadString(text, ref at), start));
            }
            else
            {
                tokens.Add(ReadOperator(text, ref at));
            }
        }
    }

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\n' or '\r') at++;
            else if (text[at] == '#') while (at < text.Length && text[at] != '\n') at++;
            else return;
        }
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c is '_' or ':';

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static Token ReadNumber(string text, ref int at)
    {
        int start = at;
        if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X')
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at])) at++;
            if (at == start + 2) throw QueryException.Syntax(text, start, "a hexadecimal number needs digits");
            return new Token(TokenKind.Number, text[start..at], start);
        }

        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            int exponent = at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-') exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                at = exponent;
                while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            }
        }

        if (at == text.Length || !char.IsAsciiLetter(text[at])) return new Token(TokenKind.Number, text[start..at], start);
        while (at < text.Length && char.IsAsciiLetterOrDigit(text[at])) at++;
        return new Token(TokenKind.Duration, text[start..at], start);
    }

    private static string ReadString(string text, ref int at)
    {
        int start = at;
        char quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            char c = text[at++];
            if (quote == '`' || c != '\\')
            {
                if (c == '\n' && quote != '`') throw QueryException.Syntax(text, start, "a string must end on its line");
                value.Append(c);
                continue;
            }

            ReadEscape(text, ref at, value);
        }

        if (at == text.Length) throw QueryException.Syntax(text, start, "the string does not end");
        at++;
        return value.ToString();
    }

    private static void ReadEscape(string text, ref int at, StringBuilder value)
    {
        int start = at - 1;
        char c = at < text.Length ? text[at++] : '\0';
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (at + digits > text.Length || !uint.TryParse(text.AsSpan(at, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out uint code) || !Rune.IsValid(code))
                throw QueryException.Syntax(text, start, "unknown escape sequence");
            at += digits;
            value.Append(new Rune(code).ToString());
            return;
        }

        if (c is >= '0' and <= '7' && at + 1 < text.Length && text[at] is >= '0' and <= '7' && text[at + 1] is >= '0' and <= '7')
        {
            value.Append((char)(((c - '0') * 64) + ((text[at] - '0') * 8) + (text[at + 1] - '0')));
            at += 2;
            return;
        }

        value.Append(c switch
        {
            'a' => '\a',
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\v',
            '\\' => '\\',
            '\'' => '\'',
            '"' => '"',
            _ => throw QueryException.Syntax(text, start, "unknown escape sequence"),
        });
    }

    private static Token ReadOperator(string text, ref int at)
    {
        int start = at;
        string two = at + 1 < text.Length ? text.Substring(at, 2) : "";
        TokenKind kind = two switch
        {
            "==" => TokenKind.Equal,
            "!=" => TokenKind.NotEqual,
            "=~" => TokenKind.RegexMatch,
            "!~" => TokenKind.RegexNotMatch,
            ">=" => TokenKind.GreaterOrEqual,
            "<=" => TokenKind.LessOrEqual,
            _ => TokenKind.End,
        };
        if (kind != TokenKind.End)
        {
            at += 2;
            return new Token(kind, two, start);
        }

        kind = text[at] switch
        {
            '(' => TokenKind.LeftParen,
            ')' => TokenKind.RightParen,
            '{' => TokenKind.LeftBrace,
            '}' => TokenKind.RightBrace,
            '[' => TokenKind.LeftBracket,
            ']' => TokenKind.RightBracket,
            ',' => TokenKind.Comma,
            '@' => TokenKind.At,
            '+' => TokenKind.Add,
            '-' => TokenKind.Subtract,
            '*' => TokenKind.Multiply,
            '/' => TokenKind.Divide,
            '%' => TokenKind.Modulo,
            '^' => TokenKind.Power,
            '=' => TokenKind.Assign,
            '>' => TokenKind.Greater,
            '<' => TokenKind.Less,
            _ => throw QueryException.Syntax(text, start, $"unexpected character '{text[at]}'"),
        };
        at++;
        return new Token(kind, text[start..at], start);
    }
}
