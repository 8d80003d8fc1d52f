using System.Collections.Concurrent;
using System.Numerics;
using Weir.Frames.Profiled;

namespace Weir.Frames;

/// <summary>Remembers the newest ticks of a group and makes baselines from them.</summary>
/// <remarks>
/// A ring of <see cref="TicksAt"/> ticks, fewer where there are very many series: at most <see cref="MaxCells"/> values, 9 B each. Adding a tick allocates nothing,
/// and following another schema only what is needed to know where series are, unless it has more of them than there are rows, or less than half. Not thread-safe.
/// </remarks>
public sealed class ProfileHistory
{
    /// <summary>Most ticks that profiles look back on: five minutes at one second, 25 at five.</summary>
    public const int MaxTicks = 300;

    // Slower ticks cost memory for longer: 25 minutes of them, 100 at 15 s, and 30 at least from 50 s on (docs/benchmarks.md, codec, has what fewer ticks cost in bytes).
    private const int SpanMs = 25 * 60_000;
    private const int LeastTicks = 30;

    /// <summary>Most values remembered: 4 Mi, 36 MiB, reached at 14,000 series of 300 ticks.</summary>
    public const int MaxCells = 4 << 20;

    // A history this short cannot tell a pattern; a baseline of it would say nothing.
    private const int LeastCapacity = 10;
    private const int SpareShare = 8;

    // A maker has as much memory as a history, and is wanted for some milliseconds every few minutes: as many as baselines are made at the same time.
    private static readonly ConcurrentBag<ProfileMaker> Makers = [];

    private readonly int _mostTicks;

    // A series has a row of each, whichever is free: series come and go and the rest stays where it is.
    private double[] _values;
    private byte[] _present;
    private int[] _rows;
    private int _capacity;
    private double[] _turnedValues;
    private byte[] _turnedPresent;
    private int _next;

    /// <summary>Makes an empty history.</summary>
    /// <param name="schema">The group's series.</param>
    /// <param name="intervalMs">Distance of its ticks, 1 to 3,600,000 ms.</param>
    public ProfileHistory(Schema schema, int intervalMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(intervalMs);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(intervalMs, 3_600_000);
        Schema = schema;
        IntervalMs = intervalMs;
        _mostTicks = TicksAt(intervalMs);
        _rows = [.. Enumerable.Range(0, schema.SeriesCount)];
        _capacity = CapacityFor(schema.SeriesCount);
        _values = new double[_capacity * schema.SeriesCount];
        _present = new byte[_values.Length];
        _turnedValues = new double[_capacity];
        _turnedPresent = new byte[_capacity];
    }

    /// <summary>The group's series.</summary>
    public Schema Schema { get; private set; }

    /// <summary>Distance of its ticks in ms.</summary>
    public int IntervalMs { get; }

    /// <summary>Ticks remembered.</summary>
    public int Ticks { get; private set; }

    /// <summary>Time of the newest tick, Unix ms; 0 where there is none.</summary>
    public long NewestMs { get; private set; }

    /// <summary>Most ticks of this distance that are remembered.</summary>
    public static int TicksAt(long intervalMs) => (int)Math.Clamp(SpanMs / intervalMs, LeastTicks, MaxTicks);

    /// <summary>Adds a tick; the oldest is forgotten when the ring is full.</summary>
    /// <param name="timeMs">Its time, Unix ms.</param>
    /// <param name="values">One value per series.</param>
    /// <param name="present">1 per present value, 0 per missing one.</param>
    public void Add(long timeMs, ReadOnlySpan<double> values, ReadOnlySpan<byte> present)
    {
        if (values.Length != Schema.SeriesCount || present.Length != values.Length)
            throw new ArgumentException($"a tick has {Schema.SeriesCount} values", nameof(values));
        for (int s = 0; s < values.Length; s++)
        {
            int cell = (_rows[s] * _capacity) + _next;
            _values[cell] = values[s];
            _present[cell] = present[s];
        }

        _next = _next + 1 == _capacity ? 0 : _next + 1;
        Ticks = Math.Min(Ticks + 1, _capacity);
        NewestMs = timeMs;
    }

    /// <summary>Forgets all ticks: behind a step of the clock distances mean nothing.</summary>
    public void Clear() => (Ticks, _next, NewestMs) = (0, 0, 0);

    /// <summary>Goes on with another schema: the series that both have are remembered.</summary>
    /// <returns>How many of its series are new.</returns>
    public int Follow(Schema schema)
    {
        int[] places = Schema.PlacesIn(schema);
        int capacity = CapacityFor(places.Length), rows = _values.Length / _capacity;
        if (capacity == _capacity && places.Length <= rows && places.Length * 2 >= rows) _rows = PassOn(places);
        else Move(places, capacity);
        Schema = schema;
        return places.Count(static place => place < 0);
    }

    /// <summary>Makes a baseline of the newest tick, with profiles from all ticks remembered.</summary>
    /// <exception cref="InvalidOperationException">There is no tick.</exception>
    public Baseline MakeBaseline()
    {
        if (Ticks == 0) throw new InvalidOperationException("there is no tick to make a baseline of");
        Turn();
        var set = new ProfileSet();
        int missing = 0;
        for (int s = 0; s < Schema.SeriesCount; s++) missing += _present.AsSpan(_rows[s] * _capacity, Ticks).Count((byte)0);
        if (!Makers.TryTake(out ProfileMaker? maker)) maker = new ProfileMaker();
        maker.Make(new ColumnSource(_values, _present, _capacity, Ticks, missing, age: 0, _rows), baseIsFirst: false, set);
        Makers.Add(maker);
        return Baseline.Make(Schema.Id, NewestMs, IntervalMs, set);
    }

    // In steps, so that a group with very many series is not moved each time that one of them comes or goes.
    private int CapacityFor(int series) =>
        MaxCells / series is var ticks && ticks >= _mostTicks ? _mostTicks : Math.Max(LeastCapacity, 1 << BitOperations.Log2((uint)Math.Max(1, ticks)));

    // Rows stay with their series; who is new gets one that nobody has any more.
    private int[] PassOn(int[] places)
    {
        var taken = new bool[_values.Length / _capacity];
        var rows = new int[places.Length];
        for (int s = 0; s < places.Length; s++)
        {
            rows[s] = places[s] < 0 || taken[_rows[places[s]]] ? -1 : _rows[places[s]];
            if (rows[s] >= 0) taken[rows[s]] = true;
        }

        int free = 0;
        for (int s = 0; s < rows.Length; s++)
        {
            if (rows[s] >= 0) continue;
            while (taken[free]) free++;
            rows[s] = free;
            _present.AsSpan(free++ * _capacity, _capacity).Clear();
        }

        return rows;
    }

    // Into new memory, with some rows to spare: a group that grows grows again. With another capacity the newest ticks are kept.
    private void Move(int[] places, int capacity)
    {
        Turn();
        int ticks = Math.Min(Ticks, capacity), skipped = Ticks - ticks;
        var values = new double[capacity * Math.Max(places.Length, Math.Min(places.Length + (places.Length / SpareShare), MaxCells / capacity))];
        var present = new byte[values.Length];
        for (int s = 0; s < places.Length; s++)
        {
            if (places[s] < 0) continue;
            int from = (_rows[places[s]] * _capacity) + skipped;
            _values.AsSpan(from, ticks).CopyTo(values.AsSpan(s * capacity));
            _present.AsSpan(from, ticks).CopyTo(present.AsSpan(s * capacity));
        }

        int[] rows = [.. Enumerable.Range(0, places.Length)];
        (double[] turnedValues, byte[] turnedPresent) = capacity == _capacity ? (_turnedValues, _turnedPresent) : (new double[capacity], new byte[capacity]);
        // All of it or nothing: memory may have been short for some of it.
        (_values, _present, _rows, _turnedValues, _turnedPresent, _capacity) = (values, present, rows, turnedValues, turnedPresent, capacity);
        Ticks = ticks;
        _next = ticks == capacity ? 0 : ticks;
    }

    // Turns each series' ring so that its oldest tick comes first.
    private void Turn()
    {
        if (Ticks < _capacity || _next == 0) return;
        foreach (int row in _rows)
        {
            Turn(_values.AsSpan(row * _capacity, _capacity), _turnedValues);
            Turn(_present.AsSpan(row * _capacity, _capacity), _turnedPresent);
        }

        _next = 0;
    }

    private void Turn<T>(Span<T> ring, Span<T> turned)
    {
        ring[_next..].CopyTo(turned);
        ring[.._next].CopyTo(turned[(_capacity - _next)..]);
        turned.CopyTo(ring);
    }
}
