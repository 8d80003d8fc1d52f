using System.Text;
using Weir.Agent.Collectors.Processes;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>Units as <c>systemctl show --property=Id,LoadState,ActiveState,NRestarts</c> prints them: lines of <c>key=value</c>, an empty line between units.</summary>
internal static class UnitTable
{
    /// <summary>Most units.</summary>
    public const int MaxUnits = 1_000;

    /// <summary>The states, by their number.</summary>
    public static readonly string[] States = ["inactive", "active", "reloading", "activating", "deactivating", "failed", "other"];

    /// <summary>Reads the units that are wanted, in ordinal order of their names; what is no line of a unit is passed over.</summary>
    /// <param name="text">What systemctl printed.</param>
    /// <param name="names">Which units: by themselves, services.</param>
    /// <param name="beyond">Units that are wanted, and beyond the most.</param>
    public static Unit[] Parse(ReadOnlySpan<byte> text, NamePatterns names, out int beyond)
    {
        var units = new SortedDictionary<string, Unit>(StringComparer.Ordinal);
        beyond = 0;
        var lines = new ProcText(text);
        string? id = null;
        int state = -1;
        ulong? restarts = null;
        bool isLoaded = true, isMore = true;
        while (isMore)
        {
            isMore = lines.TryLine(out ProcText line);
            if (!line.Rest.IsEmpty)
            {
                ReadOnlySpan<byte> key = line.Until((byte)'=');
                if (key.SequenceEqual("Id"u8)) id = ProcessNameText.Of(line.Rest);
                else if (key.SequenceEqual("LoadState"u8)) isLoaded = !line.Rest.SequenceEqual("not-found"u8);
                else if (key.SequenceEqual("ActiveState"u8)) state = StateOf(line.Rest);
                else if (key.SequenceEqual("NRestarts"u8) && line.Rest is [>= (byte)'0' and <= (byte)'9', ..]) restarts = line.Number();
                continue;
            }

            if (id is not null && state >= 0 && isLoaded && (names.Says(id) ?? (names.Include.Count == 0 && id.EndsWith(".service", StringComparison.Ordinal))))
            {
                if (units.Count < MaxUnits) units.TryAdd(id, new Unit(id, state, restarts));
                else beyond++;
            }

            (id, state, restarts, isLoaded) = (null, -1, null, true);
        }

        return [.. units.Values];
    }

    private static int StateOf(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("refreshing"u8)) return 2;
        string state = Encoding.UTF8.GetString(text);
        return Array.IndexOf(States, state) is >= 0 and var index ? index : States.Length - 1;
    }
}
