using System.Globalization;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Constants and names of part files. <c>docs/formats/part.md</c> draws the bytes.</summary>
internal static class PartFormat
{
    /// <summary>Name of the directory of parts below the partition's.</summary>
    public const string DirectoryName = "parts";

    /// <summary>What a file being written is called until it is whole.</summary>
    public const string DraftSuffix = ".new";

    /// <summary>The version this program writes, and the newest it reads.</summary>
    public const byte Version = 1;

    /// <summary>Length of the event hour that a part holds.</summary>
    public const long HourMs = 3_600_000;

    /// <summary>The last hour that a part is made of: that of the year 9999, behind which no time can be shown. Headers and manifests hold a little more.</summary>
    public const long LastHourMs = 253_402_300_800_000 - HourMs;

    /// <summary>Length of a window.</summary>
    public const long WindowMs = 60_000;

    /// <summary>Windows of an hour.</summary>
    public const int Windows = 60;

    /// <summary>Most ticks of a strip: an hour at one second.</summary>
    public const int MaxStripTicks = 3600;

    /// <summary>Most ticks x series of a strip. Source: 36 MiB of values and marks, the memory of one seal.</summary>
    public const int MaxStripCells = 4 << 20;

    /// <summary>Most bytes of a host's directory before compression. A larger host gets another row and directory.</summary>
    public const int MaxDirectoryBytes = 16 << 20;

    /// <summary>Bytes of a directory from which the next group of the host goes into a directory of its own.</summary>
    public const int FullDirectoryBytes = 4 << 20;

    /// <summary>Most bytes of a section before compression.</summary>
    public const int MaxSectionBytes = 1 << 30;

    private const string Extension = ".part";

    /// <summary>The hour that a time lies in, by its first millisecond.</summary>
    public static long HourOf(long timeMs) => timeMs - (timeMs % HourMs);

    /// <summary>The name of a part's file.</summary>
    public static string FileName(long number) => number.ToString("D8", CultureInfo.InvariantCulture) + Extension;

    /// <summary>Whether a name is that of a part.</summary>
    public static bool TryParseName(string name, out long number)
    {
        number = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && string.Equals(name, FileName(number), StringComparison.Ordinal);
    }

    /// <summary>Whether a name is that of a draft.</summary>
    public static bool IsDraft(string name) => name.EndsWith(Extension + DraftSuffix, StringComparison.Ordinal);
}
