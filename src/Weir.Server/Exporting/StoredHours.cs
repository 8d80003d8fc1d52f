using System.Runtime.CompilerServices;
using Weir.Contracts;

namespace Weir.Server.Exporting;

/// <summary>Finds the hours of which a store may hold samples, oldest first, without reading any.</summary>
/// <remarks>By halving the range: gaps of any length cost a few looks, so no range needs to be given.</remarks>
internal sealed class StoredHours(ISeriesReader reader, ExportRequest request, ReadGaps gaps)
{
    /// <summary>Length of an hour.</summary>
    public const long HourMs = 3_600_000;

    // The years that a date can be written of, in hours since 1970.
    private static readonly long FirstHour = DateTimeOffset.MinValue.ToUnixTimeMilliseconds() / HourMs;
    private static readonly long LastHour = (DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() / HourMs) - 1;

    /// <summary>The starts of the hours, Unix ms. The range of the request is widened to whole hours: an hour is exported whole or not at all.</summary>
    public IAsyncEnumerable<long> FindAsync(CancellationToken cancellationToken) =>
        FindAsync(Hour(request.FromMs ?? long.MinValue), Hour(request.ToMs ?? long.MaxValue), cancellationToken);

    private static long Hour(long timeMs) => Math.Clamp((long)Math.Floor(timeMs / (double)HourMs), FirstHour, LastHour);

    private async IAsyncEnumerable<long> FindAsync(long first, long last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A stack instead of recursion: 28 levels at most, one pending half each.
        var pending = new Stack<(long First, long Last)>();
        if (first <= last) pending.Push((first, last));
        while (pending.TryPop(out (long First, long Last) range))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await AnyAsync(range.First * HourMs, ((range.Last + 1) * HourMs) - 1, cancellationToken)) continue;
            if (range.First == range.Last)
            {
                yield return range.First * HourMs;
                continue;
            }

            long middle = range.First + ((range.Last - range.First) / 2);
            pending.Push((middle + 1, range.Last));
            pending.Push((range.First, middle));
        }
    }

    // With room for no series the reader stops at the first it finds: cheaper than listing all of them.
    private async Task<bool> AnyAsync(long fromMs, long toMs, CancellationToken cancellationToken)
    {
        try
        {
            var selection = new SeriesSelection { Tenant = request.Tenant, Matchers = request.Matchers, FromMs = fromMs, ToMs = toMs, MaxSeries = 0, Gaps = gaps };
            return (await reader.FindSeriesAsync(selection, cancellationToken)).Count > 0;
        }
        catch (ReadLimitException)
        {
            return true;
        }
    }
}
