using CsCheck;
using Weir.Frames.Profiled;

namespace Weir.Frames.Tests;

public sealed class NumberFormTests
{
    [Fact]
    public void AnyDouble_InRawForm_ComesBackAndKeepsItsOrder() => Gen.Select(Gen.ULong, Gen.ULong).Sample((a, b) =>
    {
        double x = BitConverter.UInt64BitsToDouble(a), y = BitConverter.UInt64BitsToDouble(b);
        Assert.Equal(a, BitConverter.DoubleToUInt64Bits(NumberForm.FromOrdered(NumberForm.ToOrdered(x))));
        if (x < y) Assert.True(NumberForm.ToOrdered(x) < NumberForm.ToOrdered(y));
    });

    [Fact]
    public void AnyDouble_ThatFitsAForm_ComesBackAndFitsEveryLongerOne() => Gen.Select(Gen.Long[-(1L << 50), 1L << 50], Gen.Int[0, 9]).Sample((integer, form) =>
    {
        double value = integer / NumberForm.PowerOf(form);
        bool fitted = false;
        for (int f = 0; f <= 9; f++)
        {
            bool fits = NumberForm.TryToInteger(value, f, out long found);
            if (fits) Assert.Equal(BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(NumberForm.ToDouble(found, f)));
            if (fitted && Math.Abs(value) * NumberForm.PowerOf(f) < 1L << 50) Assert.True(fits);
            fitted |= fits;
        }
    });

    [Theory]
    [InlineData(-0.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.MaxValue)]
    [InlineData(double.Epsilon)]
    public void Value_ThatIsNoDecimal_FitsOnlyTheRawForm(double value)
    {
        for (int form = 0; form < NumberForm.Raw; form++) Assert.False(NumberForm.TryToInteger(value, form, out _));
        Assert.True(NumberForm.TryToInteger(value, NumberForm.Raw, out _));
    }
}
