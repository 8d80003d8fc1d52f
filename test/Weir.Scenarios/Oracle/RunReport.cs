using System.Globalization;
using Weir.Frames;

namespace Weir.Scenarios.Oracle;

/// <summary>What a run saw, on one line that <c>eng/soak</c> adds up.</summary>
internal sealed class RunReport(int seed)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<FaultKind, int> _faults = [];
    private readonly SortedDictionary<string, long> _fresh = [];

    /// <summary>Faults that happened.</summary>
    public int Faults
    {
        get
        {
            lock (_lock) return _faults.Values.Sum();
        }
    }

    /// <summary>What became of the entries; null before it is judged.</summary>
    public Verdict? Verdict { get; set; }

    /// <summary>Notes how long after the faults a host had fresh samples in answers.</summary>
    public void Fresh(string host, TimeSpan after)
    {
        lock (_lock) _fresh[host] = (long)after.TotalMilliseconds;
    }

    /// <summary>Counts a fault.</summary>
    public void Happened(FaultKind kind)
    {
        lock (_lock) _faults[kind] = _faults.GetValueOrDefault(kind) + 1;
    }

    /// <summary>The line: words of the form name=number, faults by kind last.</summary>
    public override string ToString()
    {
        Verdict verdict = Verdict ?? new Verdict();
        string dropped = string.Concat(verdict.Dropped.Select(static pair => Word($"dropped_{pair.Key}", pair.Value)));
        lock (_lock)
        {
            return string.Concat(
                $"run{Word("seed", seed)}{Word("made", verdict.Made)}{Word("acked", verdict.Acked)}{Word("stored", verdict.Stored)}{Word("delivered_again", verdict.DeliveredAgain)}",
                $"{Word("lost", verdict.Lost.Count)}{Word("doubled", verdict.Doubled)}{Word("corrupted", verdict.Corrupted.Count + verdict.Unexpected.Count)}{dropped}",
                $"{Word("samples", verdict.Samples)}{Word("superseded", verdict.Superseded)}{Word("faults", _faults.Values.Sum())}",
                string.Concat(_fresh.Select(static pair => Word($"fresh_ms_{pair.Key}", pair.Value))),
                string.Concat(_faults.Select(static pair => Word(pair.Key.ToString(), pair.Value))));
        }
    }

    private static string Word(string name, long value) => string.Create(CultureInfo.InvariantCulture, $" {name}={value}");
}
