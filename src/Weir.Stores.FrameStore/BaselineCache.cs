using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>Keeps baselines unpacked that queries used lately.</summary>
/// <remarks>
/// Two generations: what is used moves into the younger one; when that is full it becomes the older, and the older is forgotten. At most twice
/// <see cref="ProfilesPerGeneration"/> profiles, 61 B each, so 64 MiB: the hot baselines of 2,000 hosts of 500 series. Thread-safe.
/// </remarks>
internal sealed class BaselineCache
{
    /// <summary>Profiles of one generation.</summary>
    public const int ProfilesPerGeneration = 512 << 10;

    private readonly Lock _lock = new();
    private Dictionary<PackedBaseline, Baseline> _young = [];
    private Dictionary<PackedBaseline, Baseline> _old = [];
    private int _profiles;

    /// <summary>The baseline, unpacked now or before.</summary>
    /// <exception cref="InvalidDataException">Its bytes have changed in memory.</exception>
    public Baseline Get(PackedBaseline packed)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(packed, out Baseline? known)) return known;
            if (_old.TryGetValue(packed, out known))
            {
                Keep(packed, known);
                return known;
            }
        }

        Baseline baseline = packed.Unpack();
        lock (_lock) Keep(packed, baseline);
        return baseline;
    }

    private void Keep(PackedBaseline packed, Baseline baseline)
    {
        if (_profiles >= ProfilesPerGeneration)
        {
            _old = _young;
            _young = [];
            _profiles = 0;
        }

        if (_young.TryAdd(packed, baseline)) _profiles += baseline.SeriesCount;
    }
}
