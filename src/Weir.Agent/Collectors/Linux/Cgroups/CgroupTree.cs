using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux.Cgroups;

/// <summary>Finds the control groups of a hierarchy.</summary>
/// <remarks>
/// Breadth first, names in ordinal order, so that what lies beyond <see cref="MaxGroups"/> is what lies deepest; at most <see cref="MaxDepth"/> levels, which
/// reaches the containers of Kubernetes and the units of a user's session. What may not be listed, or ended meanwhile, has no groups below it. A scan allocates: it is made only when groups came or went.
/// </remarks>
internal static class CgroupTree
{
    /// <summary>Most groups that are reported: of fifteen series each, below <see cref="Columns.MaxSeries"/>.</summary>
    public const int MaxGroups = 500;

    /// <summary>Most levels below the root.</summary>
    public const int MaxDepth = 5;

    /// <summary>Most groups that are looked at while those that are wanted are chosen.</summary>
    public const int MaxLookedAt = 20_000;

    /// <summary>The groups that are wanted: containers first, each kind by path.</summary>
    /// <param name="root">Where the hierarchy is mounted.</param>
    /// <param name="names">Which paths are wanted.</param>
    /// <param name="beyond">Groups that are wanted, and beyond the most.</param>
    public static Cgroup[] Scan(string root, NamePatterns names, out int beyond)
    {
        var found = new List<Cgroup>();
        beyond = 0;
        int looked = 0;
        List<string> level = [""];
        for (int depth = 0; depth < MaxDepth && level.Count > 0; depth++)
        {
            var next = new List<string>();
            foreach (string path in level.SelectMany(parent => Children(root, parent)))
            {
                if (++looked > MaxLookedAt) break;
                next.Add(path);
                if (!(names.Says(path) ?? !IsPassing(path))) continue;
                if (found.Count < MaxGroups) found.Add(new Cgroup(path));
                else beyond++;
            }

            level = next;
        }

        return [.. found.OrderBy(static group => group.ContainerId is null).ThenBy(static group => group.Path, StringComparer.Ordinal)];
    }

    // Of one login or one command, under a name that never comes again: their slices have the sums.
    private static bool IsPassing(string path)
    {
        string name = path[(path.LastIndexOf('/') + 1)..];
        return (name.StartsWith("session-", StringComparison.Ordinal) && name.EndsWith(".scope", StringComparison.Ordinal)) || name.StartsWith("run-", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Children(string root, string parent)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(root + parent).Select(static full => System.IO.Path.GetFileName(full)).Where(IsClean).Order(StringComparer.Ordinal).Select(name => $"{parent}/{name}")];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // A name that is no UTF-8 could not be opened again under what it was decoded to.
    private static bool IsClean(string name) => name.Length is > 0 and <= 255 && !name.Contains('\uFFFD', StringComparison.Ordinal) && !name.Any(char.IsControl);
}
