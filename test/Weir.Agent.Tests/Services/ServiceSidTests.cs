using Weir.Agent.Services.Windows;

namespace Weir.Agent.Tests.Services;

public sealed class ServiceSidTests
{
    [Theory]
    [InlineData("TrustedInstaller")] // a documented SID of Windows itself
    [InlineData("trustedinstaller")]
    public void Of_KnownService_IsItsDocumentedSid(string name) =>
        Assert.Equal("S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464", ServiceSid.Of(name));
}
