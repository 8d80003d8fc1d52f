using Weir.Protocol.Identity;

namespace Weir.Agent.Commands;

/// <summary>What <c>--token</c> says: a join token, or <c>@FILE</c>, the file that holds it.</summary>
/// <remarks>The file is read when the token is wanted, not with the command line: a service keeps its command line for ever, and the file may be deleted once it has joined.</remarks>
internal sealed class TokenArgument
{
    private const int MaxFileCharacters = 4096;

    private readonly string _text;
    private readonly JoinToken? _token;

    private TokenArgument(string text, JoinToken? token)
    {
        _text = text;
        _token = token;
    }

    /// <summary>Reads an argument; null where it is neither a token nor <c>@FILE</c>.</summary>
    public static TokenArgument? TryParse(string text) =>
        JoinToken.TryParse(text) is { } token ? new TokenArgument(text, token) : text.Length > 1 && text[0] == '@' ? new TokenArgument(text, null) : null;

    /// <summary>The token.</summary>
    /// <param name="problem">Why there is none.</param>
    public JoinToken? TryRead(out string? problem)
    {
        problem = null;
        if (_token is not null) return _token;
        string file = _text[1..];
        try
        {
            using var reader = new StreamReader(file);
            var text = new char[MaxFileCharacters];
            if (JoinToken.TryParse(new string(text, 0, reader.ReadBlock(text)).Trim()) is { } token) return token;
            problem = $"--token: what stands in {file} is not allowed; allowed: {JoinToken.Form}; copy the whole token";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"--token: {file} cannot be read: {error.Message}";
        }

        return null;
    }

    /// <summary>The file; the secret itself is not shown.</summary>
    public override string ToString() => _token?.ToString() ?? _text;
}
