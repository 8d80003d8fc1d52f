using Weir.Agent.Configuration;

namespace Weir.Agent.Tests.Configuration;

public sealed class NamePatternsTests
{
    [Theory]
    [InlineData(@"/system.slice/system-systemd\x2dfsck.slice", @"/system.slice/system-systemd\x2dfsck.slice", true)]
    [InlineData(@"*\x2d*", @"system-systemd\x2dfsck.slice", true)]
    [InlineData(@"C:\*", @"C:\mount\", true)]
    [InlineData(@"C:\", "C:*", false)]
    [InlineData(@"a\*", "a*", false)]
    [InlineData(@"a\?", @"a\b", true)]
    [InlineData("eth?", "eth0", true)]
    [InlineData("eth?", "eth10", false)]
    [InlineData("[a]", "a", false)]
    public void Says_OnlyStarAndQuestionMarkHaveAMeaning(string pattern, string name, bool isMatch)
    {
        Assert.Equal(isMatch, new NamePatterns([pattern], []).Says(name));
        Assert.Equal(isMatch ? false : null, new NamePatterns([], [pattern]).Says(name));
    }
}
