using Weir.Contracts;

namespace Weir.Stores.FrameStore;

/// <summary>Counts samples while a read gathers them, and ends it as soon as its limit is certain to be passed.</summary>
/// <remarks>
/// A sample newer than all before it of its series is one more of the answer, so such samples are held to <see cref="SeriesSelection.MaxSamples"/>
/// at once. One that comes out of order may be a copy that another supersedes, which only the finished series shows: copies are held
/// together with the answer to twice the limit, so that memory is bounded and no answer within the limit is refused for fewer copies than that.
/// Serves one call.
/// </remarks>
internal sealed class SampleBudget(SeriesSelection selection)
{
    private long _answered;
    private long _certain;
    private long _held;

    /// <summary>A host begins: what columns hold of the one before has been answered.</summary>
    public void BeginHost() => (_certain, _held) = (0, 0);

    /// <summary>A column has taken samples.</summary>
    /// <param name="samples">How many.</param>
    /// <param name="certain">How many of them were newer than all that the column held before.</param>
    /// <exception cref="ReadLimitException">The answer is larger than allowed, or there are as many copies.</exception>
    public void Hold(int samples, int certain)
    {
        // The newest sample alone is kept of what a column holds; series are limited.
        if (selection.LatestOnly) return;
        _held += samples;
        _certain += certain;
        if (_answered + _certain > selection.MaxSamples || _answered + _held - selection.MaxSamples > selection.MaxSamples) Refuse();
    }

    /// <summary>A series has been answered with so many samples.</summary>
    /// <exception cref="ReadLimitException">The answer is larger than allowed.</exception>
    public void Answer(int samples)
    {
        _answered += samples;
        if (_answered > selection.MaxSamples) Refuse();
    }

    private void Refuse() => throw new ReadLimitException("samples", selection.MaxSamples);
}
