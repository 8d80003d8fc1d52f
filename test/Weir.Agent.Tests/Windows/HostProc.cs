using System.Globalization;

namespace Weir.Agent.Tests.Windows;

/// <summary>What Linux says of the machine that wine runs on, through its drive Z:. Real Windows has none: tests skip themselves there.</summary>
internal static class HostProc
{
    private const string Root = @"Z:\proc";

    /// <summary>Skips a test where there is no Linux below.</summary>
    public static void SkipWithout() => Assert.SkipUnless(File.Exists(Path.Combine(Root, "stat")), "compares with /proc, which is there under wine only");

    /// <summary>The words of each line of a file.</summary>
    public static string[][] Lines(string file) =>
        [.. File.ReadLines(Path.Combine(Root, file)).Select(static line => line.Split([' ', ':', '\t'], StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The words after the first of the line that begins with it.</summary>
    public static double[] Line(string file, string first) =>
        [.. Lines(file).First(words => words.Length > 0 && words[0] == first).Skip(1).Select(static word => double.TryParse(word, CultureInfo.InvariantCulture, out double value) ? value : 0)];
}
