using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Weir.Protocol.Identity;

/// <summary>What lets a new agent join: <c>weir1.ID.SECRET.PIN</c>.</summary>
/// <remarks>The pin is the only reason for which an agent believes the listener it joins by. Never logged but by its id.</remarks>
public sealed class JoinToken
{
    /// <summary>What may stand where a token is wanted.</summary>
    public const string Form = "weir1.ID.SECRET.PIN, as 'weir enroll token create' prints it";

    /// <summary>Bytes of a secret.</summary>
    public const int SecretBytes = 32;

    private const string Version = "weir1";
    private const int IdCharacters = 16;

    private JoinToken(string id, byte[] secret, byte[] pin)
    {
        Id = id;
        Secret = secret;
        Pin = pin;
    }

    /// <summary>16 hexadecimal digits; no secret.</summary>
    public string Id { get; }

    /// <summary>What only its holder knows.</summary>
    public byte[] Secret { get; }

    /// <summary>SHA-256 of the public key info of the authority that the enrolment listener's certificate is of.</summary>
    public byte[] Pin { get; }

    /// <summary>The whole token, for the one who is to join.</summary>
    public string Reveal() => $"{Version}.{Id}.{Base64Url.EncodeToString(Secret)}.{Base64Url.EncodeToString(Pin)}";

    /// <summary>The id alone, so that no log or message shows the secret.</summary>
    public override string ToString() => Id;

    /// <summary>Draws a token.</summary>
    /// <param name="pin">Pin of the authority that presents the enrolment listener.</param>
    public static JoinToken Draw(byte[] pin) =>
        new(RandomNumberGenerator.GetHexString(IdCharacters, lowercase: true), RandomNumberGenerator.GetBytes(SecretBytes), pin);

    /// <summary>Whether a text may be the id of a token: nothing else ever becomes part of a path.</summary>
    public static bool IsId(string text) =>
        text.Length == IdCharacters && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _) && !text.Any(char.IsAsciiLetterUpper);

    /// <summary>Reads <see cref="Form"/>; null where it is not.</summary>
    public static JoinToken? TryParse(string text) =>
        text.Trim().Split('.') is [Version, var id, var secret, var pin] && IsId(id)
        && TryDecode(secret, SecretBytes) is { } secretBytes && TryDecode(pin, SHA256.HashSizeInBytes) is { } pinBytes
            ? new JoinToken(id, secretBytes, pinBytes)
            : null;

    private static byte[]? TryDecode(string text, int length)
    {
        var bytes = new byte[length];
        if (text.Length != Base64Url.GetEncodedLength(length) || !Base64Url.IsValid(text)) return null;
        return Base64Url.TryDecodeFromChars(text, bytes, out int written) && written == length ? bytes : null;
    }
}
