using Weir.Agent.Collectors.Windows.Wmi;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Windows.Wmi;

public sealed class WmiNamesTests
{
    [Theory]
    [InlineData("Win32_LogicalDisk", true)]
    [InlineData("__Namespace", true)]
    [InlineData("Name WHERE", false)]
    [InlineData("Name,Path", false)]
    [InlineData("*", false)]
    [InlineData("1st", false)]
    [InlineData("Größe", false)]
    [InlineData("", false)]
    public void IsIdentifier(string text, bool expected) => Assert.Equal(expected, WmiNames.IsIdentifier(text));

    [Theory]
    [InlineData(@"root\cimv2", true)]
    [InlineData(@"ROOT\Microsoft\SqlServer\ComputerManagement-16", true)]
    [InlineData("root", true)]
    [InlineData(@"\\other\root\cimv2", false)]
    [InlineData("root/cimv2", false)]
    [InlineData(@"root\", false)]
    [InlineData(@"cimv2", false)]
    public void IsNamespace(string text, bool expected) => Assert.Equal(expected, WmiNames.IsNamespace(text));

    [Theory]
    [InlineData("Win32_PerfRawData_PerfOS_System", true)]
    [InlineData("win32_perfformatteddata_x", true)]
    [InlineData("CIM_StatisticalInformation", true)]
    [InlineData("Win32_LogicalDisk", false)]
    public void IsPerformanceClass(string text, bool expected) => Assert.Equal(expected, WmiNames.IsPerformanceClass(text));

    [Fact]
    public void Text_OfAQuery_IsWql() =>
        Assert.Equal("SELECT DeviceID, Size FROM Win32_LogicalDisk WHERE DriveType = 3", new WmiQuery(@"root\cimv2", "Win32_LogicalDisk", ["DeviceID", "Size"], "DriveType = 3").Text);

    [Theory]
    [InlineData(0x80041003, FailureReason.AccessDenied, "is denied")]
    [InlineData(0x80070005, FailureReason.AccessDenied, "is denied")]
    [InlineData(0x80041010, FailureReason.NotHere, "no class C")]
    [InlineData(0x8004100E, FailureReason.NotHere, @"no namespace root\x")]
    [InlineData(0x80041017, FailureReason.Error, "SELECT P FROM C")]
    [InlineData(0x80041004, FailureReason.Error, "provider of C")]
    [InlineData(0x800706BA, FailureReason.Error, "Winmgmt")]
    [InlineData(0x80041999, FailureReason.Error, "0x80041999")]
    public void Of_Result_HasReasonAndSaysWhat(uint result, FailureReason reason, string said)
    {
        var error = WmiFailure.Of(unchecked((int)result), new WmiQuery(@"root\x", "C", ["P"]));
        Assert.Equal(reason, error.Reason);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Contains($"0x{result:X8}", error.Message, StringComparison.Ordinal);
    }
}
