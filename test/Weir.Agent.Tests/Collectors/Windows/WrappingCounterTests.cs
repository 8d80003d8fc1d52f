using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Collectors.Windows;

public sealed class WrappingCounterTests
{
    [Fact]
    public void Next_FirstReading_IsZero() => Assert.Equal(0UL, new WrappingCounter().Next(4_000_000_000));

    [Fact]
    public void Next_ReadingsThatWrapTwice_NeverGoBack()
    {
        var counter = new WrappingCounter();
        counter.Next(uint.MaxValue - 9);
        Assert.Equal(15UL, counter.Next(5));
        Assert.Equal(15UL, counter.Next(5));
        Assert.Equal(4_000_000_010, counter.Next(4_000_000_000));
        Assert.Equal((1UL << 32) + 10, counter.Next(0));
    }
}
