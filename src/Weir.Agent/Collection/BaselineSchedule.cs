namespace Weir.Agent.Collection;

/// <summary>Decides when a group gets a new baseline. Used by the spool queue's consumer only.</summary>
/// <remarks>
/// <para>
/// Early, since the first profiles know little: after 10 ticks of history, and again at 30, 100 and 300, as far as histories of that interval go (<see cref="ProfileHistory.TicksAt"/>). Then every 300 ticks, and not before five
/// minutes have passed: at 1 s that is the same, at 100 ms it is 3,000 ticks, at 15 s 75 minutes. Slow groups are not hurried, for a baseline costs
/// as much as several of their frames, and a profile grows old by ticks rather than by hours.
/// </para>
/// <para>
/// By cost, when profiles no longer fit: what frames take beyond <see cref="Tolerated"/> times what the first frames after the baseline took is added up,
/// and what they take below is taken off again. Once the sum would have paid for a baseline, one is due. Frames of other lengths are not compared.
/// </para>
/// </remarks>
internal sealed class BaselineSchedule(long intervalMs)
{
    /// <summary>Fewest ticks of history that are worth a baseline.</summary>
    public const int FirstTicks = 10;

    /// <summary>What a sample may cost, in multiples of what it cost at first, before that counts as drift.</summary>
    public const double Tolerated = 1.25;

    private const int PeriodTicks = 300;
    private const long LeastPeriodMs = 300_000;

    // Frames whose mean is the measure of those that follow.
    private const int ReferenceFrames = 8;

    private static readonly int[] EarlyTicks = [FirstTicks, 30, 100, 300];

    private readonly long _period = Math.Max(PeriodTicks, LeastPeriodMs / intervalMs);
    private readonly int _mostTicks = ProfileHistory.TicksAt(intervalMs);
    private int _history;
    private int _early;
    private long _sinceMade;
    private bool _isMade;
    private int _baselineBytes;
    private int _frameTicks;
    private int _frames;
    private double _reference;
    private double _excess;

    /// <summary>Whether a new baseline is due.</summary>
    public bool IsDue => _isMade
        ? _sinceMade >= _period || (_early < EarlyTicks.Length && _history >= EarlyTicks[_early]) || IsDrifted
        : _history >= FirstTicks;

    private bool IsDrifted => _sinceMade >= FirstTicks && _excess > _baselineBytes;

    /// <summary>Begins with a new schema or clock.</summary>
    /// <param name="carriedTicks">Ticks of history that were carried over.</param>
    public void Begin(int carriedTicks)
    {
        _history = carriedTicks;
        _early = 0;
        _isMade = false;
        _sinceMade = 0;
        Compare(0);
    }

    /// <summary>The history has grown.</summary>
    public void Gathered(int ticks)
    {
        _history = Math.Min(_history + ticks, _mostTicks);
        _sinceMade += ticks;
    }

    /// <summary>A frame that names the baseline is spooled.</summary>
    public void Spooled(int ticks, int samples, int bytes)
    {
        if (!_isMade || samples == 0) return;
        if (ticks != _frameTicks) Compare(ticks);
        double cost = bytes / (double)samples;
        if (_frames < ReferenceFrames) _reference += (cost - _reference) / ++_frames;
        else _excess = Math.Max(0, _excess + bytes - (Tolerated * _reference * samples));
    }

    /// <summary>A baseline was made.</summary>
    /// <param name="bytes">What it costs to send, or somewhat more.</param>
    public void Made(int bytes)
    {
        _isMade = true;
        _sinceMade = 0;
        _baselineBytes = bytes;
        while (_early < EarlyTicks.Length && _history >= EarlyTicks[_early]) _early++;
        Compare(0);
    }

    private void Compare(int frameTicks)
    {
        _frameTicks = frameTicks;
        _frames = 0;
        _reference = 0;
        _excess = 0;
    }
}
