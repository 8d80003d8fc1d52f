using System.Text;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux;

/// <summary>The mounts of real, local file systems from /proc/self/mounts.</summary>
/// <remarks>
/// Real: a type that the kernel backs with a block device (not <c>nodev</c> in /proc/filesystems), zfs and bcachefs, and the overlay of a container's
/// root. Network file systems are left out: they hang with their server, and every host would report the same space. A device mounted at several places counts once,
/// at the first. Of what is mounted over one another at a place only the last counts, since that is what answers there. Read-only images of snap packages and the like (squashfs, iso9660, erofs) are full by nature and left out.
/// </remarks>
internal static class MountTable
{
    // Each byte that is not UTF-8 takes four in an attribute's value.
    private const int MaxPathBytes = FrameLimits.MaxValueBytes / 4;

    private static readonly HashSet<string> RealWithoutDevice = new(StringComparer.Ordinal) { "zfs", "bcachefs" };
    private static readonly HashSet<string> Images = new(StringComparer.Ordinal) { "squashfs", "iso9660", "udf", "erofs", "cramfs", "romfs" };

    /// <summary>Where the host's mounts are: those of process 1. A service's own are read-only views of them where it is confined, as <c>weir-agent.service</c> is.</summary>
    public static string PathIn(LinuxRoots roots)
    {
        string ofHost = Path.Combine(roots.Proc, "1", "mounts");
        try
        {
            using (File.OpenRead(ofHost)) return ofHost;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Path.Combine(roots.Proc, "self", "mounts");
        }
    }

    /// <summary>The mounts to report, in the table's order.</summary>
    /// <param name="mounts">Text of /proc/self/mounts.</param>
    /// <param name="filesystems">Text of /proc/filesystems.</param>
    /// <param name="names">Which mount points are wanted, or are not.</param>
    public static Mount[] Parse(ReadOnlySpan<byte> mounts, ReadOnlySpan<byte> filesystems, NamePatterns names)
    {
        HashSet<string> backed = BackedTypes(filesystems);
        var found = new List<Mount>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (Mount mount in Reachable(mounts))
        {
            (string device, string point, string type) = (mount.Device, mount.Point, mount.Type);
            bool real = (backed.Contains(type) && !Images.Contains(type)) || RealWithoutDevice.Contains(type) || (type == "overlay" && point == "/");
            bool wanted = names.Says(point) ?? real;
            // A longer name is no attribute; the path has a zero behind it.
            if (!wanted || mount.Path.Length - 1 > MaxPathBytes) continue;
            // What stands on no device may have any word in its place: tmpfs, none.
            if (seen.Add(backed.Contains(type) ? device : $"{type} {point}")) found.Add(mount);
        }

        return [.. found];
    }

    // In the table's order.
    private static IEnumerable<Mount> Reachable(ReadOnlySpan<byte> mounts)
    {
        var all = new List<Mount>();
        var last = new Dictionary<string, Mount>(StringComparer.Ordinal);
        var lines = new ProcText(mounts);
        while (lines.TryLine(out ProcText line))
        {
            byte[] path;
            string device = KernelName.Decode(Unescape(line.Word())), point = KernelName.Decode(path = Unescape(line.Word())), type = KernelName.Decode(line.Word());
            ReadOnlySpan<byte> options = line.Word();
            // A cut line says nothing of its mode.
            if (options.IsEmpty) continue;
            bool readOnly = options.SequenceEqual("ro"u8) || options.StartsWith("ro,"u8);
            all.Add(last[point] = new Mount(device, point, type, readOnly ? "ro" : "rw") { Path = path });
        }

        return all.Where(mount => ReferenceEquals(last[mount.Point], mount));
    }

    private static HashSet<string> BackedTypes(ReadOnlySpan<byte> filesystems)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        var lines = new ProcText(filesystems);
        while (lines.TryLine(out ProcText line))
        {
            ReadOnlySpan<byte> word = line.Word();
            if (!word.SequenceEqual("nodev"u8) && !word.IsEmpty) types.Add(Encoding.UTF8.GetString(word));
        }

        return types;
    }

    // The kernel writes blank, tab, line feed and backslash as a backslash and three octal digits.
    private static byte[] Unescape(ReadOnlySpan<byte> word)
    {
        if (!word.Contains((byte)'\\')) return word.ToArray();
        var bytes = new List<byte>(word.Length);
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] == '\\' && i + 3 < word.Length && IsOctal(word.Slice(i + 1, 3)))
            {
                bytes.Add((byte)(((word[i + 1] - '0') << 6) | ((word[i + 2] - '0') << 3) | (word[i + 3] - '0')));
                i += 3;
            }
            else bytes.Add(word[i]);
        }

        return [.. bytes];
    }

    private static bool IsOctal(ReadOnlySpan<byte> digits) => digits.IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0;
}
