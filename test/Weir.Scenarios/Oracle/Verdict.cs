using System.Globalization;
using Weir.Frames;

namespace Weir.Scenarios.Oracle;

/// <summary>What became of everything that was made.</summary>
internal sealed record Verdict
{
    /// <summary>Entries made by agents.</summary>
    public int Made { get; set; }

    /// <summary>Entries that a client of the wire saw acked.</summary>
    public int Acked { get; set; }

    /// <summary>Entries in the log with the bytes that were made.</summary>
    public int Stored { get; set; }

    /// <summary>Copies beyond the first of entries in the log: what dedupe had to drop.</summary>
    public int DeliveredAgain { get; set; }

    /// <summary>Entries that tombstones name and the log does not hold, by reason.</summary>
    public SortedDictionary<DropReason, int> Dropped { get; } = [];

    /// <summary>Entries that are nowhere.</summary>
    public List<EntryName> Lost { get; } = [];

    /// <summary>Entries with other bytes than were made.</summary>
    public List<EntryName> Corrupted { get; } = [];

    /// <summary>Entries that nobody made.</summary>
    public List<EntryName> Unexpected { get; } = [];

    /// <summary>Tombstones whose samples are not those of the frames they name, or that nothing called for.</summary>
    public List<EntryName> FalseTombstones { get; } = [];

    /// <summary>Samples compared bit by bit with the answer of the store.</summary>
    public int Samples { get; set; }

    /// <summary>Samples that the parts of the store hold beyond those that were made.</summary>
    public long Doubled { get; set; }

    /// <summary>Samples that gave way to another of their series and time, by the order of clock generations.</summary>
    public long Superseded { get; set; }

    /// <summary>What is wrong; null where nothing is.</summary>
    public string? Failure =>
        Lost.Count + Corrupted.Count + Unexpected.Count + FalseTombstones.Count + Doubled == 0 ? null
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Describe("lost", Lost)}{Describe("corrupted", Corrupted)}{Describe("never made", Unexpected)}{Describe("false tombstones", FalseTombstones)}{Doubled} samples too many\n");

    private static string Describe(string what, List<EntryName> names) =>
        names.Count == 0 ? "" : $"{names.Count} {what}: {string.Join(", ", names.Take(5).Select(static name => $"{name.Agent} epoch {name.Epoch:x16} seq {name.Seq}"))}\n";
}
