using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weir.Frames;

namespace Weir.Gateway;

/// <summary>Reads what requests about uploads say, from bytes that nobody vouches for.</summary>
internal static class UploadRequests
{
    private const int MaxContextBytes = 4096;
    private const string DigestPrefix = "sha-256=:";

    /// <summary>Reads the body of a context request.</summary>
    /// <returns>The claim; null with what is wrong.</returns>
    public static async ValueTask<(UploadClaim? Claim, string Problem)> ReadClaimAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = new byte[MaxContextBytes + 1];
        int length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > MaxContextBytes) return (null, $"the body is larger than {MaxContextBytes} bytes");
        UploadContextRequest? context;
        try
        {
            context = JsonSerializer.Deserialize(bytes.AsSpan(0, length), UploadJson.Default.UploadContextRequest);
        }
        catch (JsonException)
        {
            context = null;
        }

        if (context is null) return (null, "the body is not JSON of the form {\"fileHash\": ..., \"fileSize\": ...}");
        if (!TryHash(context.FileHash, out ContentId hash)) return (null, "fileHash is the SHA-256 of the file: 64 hexadecimal digits");
        if (context.FileSize is not (>= 0 and var size)) return (null, "fileSize is the file's bytes: a whole number from 0");
        if (!TryKind(context.Kind, out UploadKind kind)) return (null, "kind is file, diagnostics or recording");
        return (new UploadClaim(hash, size, kind), "");
    }

    /// <summary>Reads the header <c>Content-Digest</c> of RFC 9530.</summary>
    public static bool TryDigest(HttpRequest request, out ContentId hash)
    {
        hash = default;
        string text = request.Headers["Content-Digest"].ToString();
        if (!text.StartsWith(DigestPrefix, StringComparison.Ordinal) || !text.EndsWith(':') || text.Length <= DigestPrefix.Length) return false;
        Span<byte> bytes = stackalloc byte[ContentId.Size];
        if (!Base64.IsValid(text.AsSpan()[DigestPrefix.Length..^1], out int decoded) || decoded != bytes.Length) return false;
        if (!Convert.TryFromBase64Chars(text.AsSpan()[DigestPrefix.Length..^1], bytes, out _)) return false;
        hash = ContentId.Read(bytes);
        return true;
    }

    private static bool TryHash(string? text, out ContentId hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[ContentId.Size];
        if (text?.Length != 2 * ContentId.Size || Convert.FromHexString(text, bytes, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        hash = ContentId.Read(bytes);
        return true;
    }

    private static bool TryKind(string? text, out UploadKind kind)
    {
        kind = text switch
        {
            null or "file" => UploadKind.File,
            "diagnostics" => UploadKind.Diagnostics,
            "recording" => UploadKind.Recording,
            _ => 0,
        };
        return kind != 0;
    }
}
