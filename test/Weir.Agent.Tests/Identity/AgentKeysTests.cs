using System.Security.Cryptography;
using Weir.Agent.Identity;

namespace Weir.Agent.Tests.Identity;

public sealed class AgentKeysTests
{
    [Theory]
    [InlineData(true, "machine")]
    [InlineData(false, "user")]
    public void CreateWhereAllowed_MachineKeyIsRefused_MakesOneOfTheUser(bool mayMakeMachineKeys, string made) =>
        Assert.Equal(made, AgentKeys.CreateWhereAllowed(isMachine => isMachine && !mayMakeMachineKeys ? throw new CryptographicException("Access denied.") : isMachine ? "machine" : "user"));

    [Fact]
    public void CreateWhereAllowed_BothAreRefused_SaysWhyTheUsersIs() =>
        Assert.Equal("user", Assert.Throws<CryptographicException>(() => AgentKeys.CreateWhereAllowed<string>(static isMachine => throw new CryptographicException(isMachine ? "machine" : "user"))).Message);
}
