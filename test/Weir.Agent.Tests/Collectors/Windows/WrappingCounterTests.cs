using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Collectors.Windows;

public sealed class WrappingCounterTests
{
    [Fact]
    public void Next_FirstReading_IsWhereItBegins() => Assert.Equal(4_000_000_000UL, new WrappingCounter().Next(4_000_000_000));

    [Fact]
    public void Next_ReadingsThatWrapTwice_NeverGoBack()
    {
        var counter = new WrappingCounter();
        counter.Next(uint.MaxValue - 9);
        Assert.Equal((1UL << 32) + 5, counter.Next(5));
        Assert.Equal((1UL << 32) + 5, counter.Next(5));
        Assert.Equal((1UL << 32) + 4_000_000_000, counter.Next(4_000_000_000));
        Assert.Equal(2UL << 32, counter.Next(0));
    }
}
