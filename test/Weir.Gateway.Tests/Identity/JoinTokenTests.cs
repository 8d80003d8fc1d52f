using Weir.Protocol.Identity;

namespace Weir.Gateway.Tests.Identity;

public sealed class JoinTokenTests
{
    private const string Golden = "weir1.0123456789abcdef.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA";

    [Fact]
    public void TryParse_GoldenToken_IsReadAndWrittenAsItIs()
    {
        JoinToken token = JoinToken.TryParse(" " + Golden + "\n")!;
        Assert.Equal("0123456789abcdef", token.Id);
        Assert.Equal(Enumerable.Range(0, 32).Select(static i => (byte)i), token.Secret);
        Assert.Equal(Enumerable.Range(0, 32).Select(static i => (byte)(31 - i)), token.Pin);
        Assert.Equal(Golden, token.Reveal());
    }

    [Fact]
    public void ToString_ShowsNoSecret() => Assert.Equal("0123456789abcdef", $"{JoinToken.TryParse(Golden)}");

    [Theory]
    [InlineData("")]
    [InlineData("weir2")]
    [InlineData("weir1.0123456789abcdef.AAEC.AAEC")]
    [InlineData("weir1.0123456789ABCDEF.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA")]
    [InlineData("weir1.../../../../etc.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA")]
    [InlineData("weir1.0123456789abcdef.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh!.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA")]
    [InlineData("weir1.0123456789abcdef.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA.x")]
    public void TryParse_AnythingElse_IsNull(string text) => Assert.Null(JoinToken.TryParse(text));

    [Theory]
    [InlineData("default", true)]
    [InlineData("a", true)]
    [InlineData("acme-1.eu_x", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("Acme", false)]
    [InlineData("a/b", false)]
    [InlineData("../x", false)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", false)]
    public void IsTenant_Text_IsJudged(string text, bool expected) => Assert.Equal(expected, CertificateNames.IsTenant(text));
}
