using Weir.Frames.Profiled;

namespace Weir.Frames.Tests;

/// <summary>Two machines must agree on these numbers to the bit, for ever.</summary>
public sealed class ProfileTablesTests
{
    [Fact]
    public void Tables_AddUp()
    {
        for (int spread = 0; spread < ProfileTables.Spreads; spread++)
            Assert.Equal(ProfileTables.One, Enumerable.Range(0, ProfileTables.Symbols).Sum(symbol => ProfileTables.FrequencyOf(spread, symbol)));
        foreach (uint signs in ProfileTables.Signs)
        {
            Assert.InRange((signs & 0xffff) + (signs >> 16), 2u, (uint)ProfileTables.One - 1);
            Assert.True(signs >> 16 > 0);
        }
    }

    [Theory]
    [InlineData(0, 2, 8)]
    [InlineData(13, 2, 4088)]
    [InlineData(13, 301, 842)]
    [InlineData(15, 10, 4052)]
    [InlineData(15, 1, 4088)]
    [InlineData(15, 1_000_000, 8)]
    public void Stays_IsFrozen(int level, long ticks, int expected) => Assert.Equal(expected, ProfileTables.Stays(level, ticks));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 16)]
    [InlineData(3, 25)]
    [InlineData(300, 130)]
    [InlineData(1 << 20, 320)]
    public void Sixteenth_IsFrozen(int age, int expected) => Assert.Equal(expected, ProfileTables.Sixteenth(age));

    [Fact]
    public void Enumerations_AreFrozen()
    {
        Assert.Equal([0, 1, 2], Enum.GetValues<Predictor>().Select(static value => (int)value));
        Assert.Equal([0, 1, 2], Enum.GetValues<ColumnMode>().Select(static value => (int)value));
    }
}
