using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Agent.Collectors.Windows.Wmi.Com;

namespace Weir.Agent.Tests.Collectors.Windows.Wmi;

public sealed class WmiValueReaderTests
{
    private const int Uint32 = 19, Sint32 = 3, Uint64 = 21, Text = 8, DateTime = 101;

    [Fact]
    public void Read_Integers_AreThoseOfThePropertysType()
    {
        Assert.Equal(4294967295.0, WmiValueReader.Read(new Variant { Type = Variant.TypeI4, I4 = -1 }, Uint32).Number);
        Assert.Equal(-1.0, WmiValueReader.Read(new Variant { Type = Variant.TypeI4, I4 = -1 }, Sint32).Number);
        Assert.Equal(65535.0, WmiValueReader.Read(new Variant { Type = Variant.TypeI4, I4 = 65535 }, 18).Number);
        Assert.Equal(-5.0, WmiValueReader.Read(new Variant { Type = Variant.TypeI2, I2 = -5 }, 2).Number);
        Assert.Equal(200.0, WmiValueReader.Read(new Variant { Type = Variant.TypeUI1, UI1 = 200 }, 17).Number);
        Assert.Equal(1.5, WmiValueReader.Read(new Variant { Type = Variant.TypeR8, R8 = 1.5 }, 5).Number);
    }

    [Fact]
    public void Read_TruthValue_IsOneOrZeroAndAWord()
    {
        WmiValue yes = WmiValueReader.Read(new Variant { Type = Variant.TypeBool, I2 = -1 }, 11), no = WmiValueReader.Read(new Variant { Type = Variant.TypeBool }, 11);
        Assert.Equal((1.0, "true", 0.0, "false"), (yes.Number, yes.AsAttribute(), no.Number, no.AsAttribute()));
    }

    [Theory]
    [InlineData("1099511627776", 1099511627776.0, "1099511627776")]
    [InlineData("18446744073709551615", 18446744073709551615.0, "18446744073709551615")]
    [InlineData("0", 0.0, "0")]
    public void Read_SixtyFourBits_ComeAsText(string text, double number, string attribute)
    {
        WmiValue value = ReadText(text, Uint64);
        Assert.Equal((WmiValueKind.Number, number, attribute), (value.Kind, value.Number, value.AsAttribute()));
    }

    [Theory]
    [InlineData("Running", false)]
    [InlineData("", false)]
    [InlineData("NaN", false)]
    [InlineData("007", true)]
    [InlineData("1.50", true)]
    [InlineData("-3", true)]
    public void Read_Text_KeepsItsSpellingAsAttribute(string text, bool isNumber)
    {
        WmiValue value = ReadText(text, Text);
        Assert.Equal((isNumber ? WmiValueKind.Number : WmiValueKind.Text, text), (value.Kind, value.AsAttribute()));
    }

    [Fact]
    public void Read_NothingAndArrays_AreNoValues()
    {
        Assert.Equal(WmiValueKind.Null, WmiValueReader.Read(new Variant { Type = Variant.TypeNull }, Uint32).Kind);
        Assert.Equal(WmiValueKind.Null, WmiValueReader.Read(default, Uint32).Kind);
        Assert.Equal(WmiValueKind.Unsupported, WmiValueReader.Read(new Variant { Type = 0x2000 | Variant.TypeBstr }, 0x2000 | Text).Kind);
        Assert.Equal(WmiValueKind.Unsupported, WmiValueReader.Read(new Variant { Type = Variant.TypeUnknown }, 13).Kind);
        Assert.Equal(WmiValueKind.Null, WmiValueReader.Read(new Variant { Type = Variant.TypeR8, R8 = double.NaN }, 5).Kind);
    }

    [Theory]
    [InlineData("20260131235959.500000+060", 1769900399.5)]
    [InlineData("20260131235959.500000-060", 1769907599.5)]
    [InlineData("19700101000000.000000+000", 0.0)]
    [InlineData("00000003120000.250000:000", 302400.25)]
    public void TryParse_TimesAndSpans(string text, double seconds)
    {
        Assert.Equal(seconds, ReadText(text, DateTime).Number);
        Assert.Equal(text, ReadText(text, DateTime).AsAttribute());
    }

    [Theory]
    [InlineData("20260131******.000000+060")]
    [InlineData("20261331000000.000000+060")]
    [InlineData("20260131235959.500000*060")]
    [InlineData("20260131235959")]
    [InlineData("")]
    public void TryParse_WhatIsNoTime_IsAText(string text) => Assert.Equal(WmiValueKind.Text, ReadText(text, DateTime).Kind);

    // A BSTR: the length in bytes, the characters, a zero.
    private static unsafe WmiValue ReadText(string text, int cimType)
    {
        byte[] bytes = new byte[4 + ((text.Length + 1) * 2)];
        BitConverter.TryWriteBytes(bytes, text.Length * 2);
        System.Text.Encoding.Unicode.GetBytes(text, bytes.AsSpan(4));
        fixed (byte* start = bytes) return WmiValueReader.Read(new Variant { Type = Variant.TypeBstr, Bstr = (char*)(start + 4) }, cimType);
    }
}
