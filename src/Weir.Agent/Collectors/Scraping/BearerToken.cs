using System.Text;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Reads a token from its file, at each scrape: tokens are changed under way. What it holds is in no message.</summary>
internal static class BearerToken
{
    private const int MaxBytes = 8 << 10;

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <exception cref="ScrapeException">The file holds no token.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            byte[] bytes = new byte[MaxBytes + 1];
            int length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            string token = Encoding.UTF8.GetString(bytes, 0, length).Trim();
            if (length > MaxBytes || token.Length == 0 || !token.All(static c => c is > ' ' and <= '~'))
                throw new ScrapeException($"{path} holds no token: one line of at most {MaxBytes} visible ASCII characters");
            return $"Bearer {token}";
        }
    }
}
