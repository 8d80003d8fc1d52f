using System.Net;
using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

/// <summary>What may stand for a proxy.</summary>
public sealed class ProxySettingTests
{
    [Fact]
    public void None_IsNoneWhateverTheEnvironmentSays()
    {
        Assert.True(ProxySetting.TryRead("none", out IWebProxy? proxy));
        Assert.Null(proxy);
    }

    [Fact]
    public void Address_WithUser_KeepsThePasswordOutOfTheAddress()
    {
        Assert.True(ProxySetting.TryRead("http://me:p%40ss@proxy.example.com:3128", out IWebProxy? proxy));
        Uri address = proxy!.GetProxy(new Uri("https://weir.example.com:7400"))!;
        Assert.Equal("http://proxy.example.com:3128/", address.AbsoluteUri);
        Assert.Equal("p@ss", proxy.Credentials!.GetCredential(address, "Basic")!.Password);
    }

    [Theory]
    [InlineData("")]
    [InlineData("proxy:3128")]
    [InlineData("socks5://proxy:1080")]
    [InlineData("http://proxy:3128/path")]
    public void Anything_Else_IsRefused(string text) => Assert.False(ProxySetting.TryRead(text, out _));
}
