using Weir.Agent.Collectors.Windows;

namespace Weir.Agent.Tests.Collectors.Windows;

public sealed class ProcessorNumbersTests
{
    [Fact]
    public void Of_SeveralGroups_NumbersThemOneAfterAnother() =>
        Assert.Equal(Enumerable.Range(0, 64 + 64 + 8), ProcessorNumbers.Of([64, 64, 8], [64, 64, 8]));

    [Fact]
    public void Of_ProcessorThatIsAdded_MovesNoOther()
    {
        int[] before = ProcessorNumbers.Of([2, 2], [64, 64]), after = ProcessorNumbers.Of([3, 2], [64, 64]);
        Assert.Equal([0, 1, 64, 65], before);
        Assert.Equal([0, 1, 2, 64, 65], after);
    }

    [Fact]
    public void Of_MaximumBelowWhatIsActive_GivesNoNumberTwice() => Assert.Equal([0, 1, 2], ProcessorNumbers.Of([2, 1], [0, 1]));
}
