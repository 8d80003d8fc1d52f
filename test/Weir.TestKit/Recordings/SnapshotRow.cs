namespace Weir.TestKit.Recordings;

/// <summary>The values of one snapshot by number of series; grows with the series that it is the first to have.</summary>
internal sealed class SnapshotRow(int series)
{
    private double[] _values = new double[series];
    private byte[] _present = new byte[series];

    /// <summary>One value per series; zero where missing.</summary>
    public double[] Values => _values;

    /// <summary>1 where the snapshot has the series.</summary>
    public byte[] Present => _present;

    /// <summary>The series added last; -1 where there is none.</summary>
    public int LastSeries { get; private set; } = -1;

    /// <summary>The highest number added; -1 where there is none.</summary>
    public int HighestSeries { get; private set; } = -1;

    /// <summary>Whether the snapshot has a series; none (-1) counts as had.</summary>
    public bool Has(int series) => series < 0 || (series < _present.Length && _present[series] != 0);

    /// <summary>Adds a value; false where the series has one.</summary>
    public bool TryAdd(int series, double value)
    {
        if (series >= _values.Length) Resize(Math.Max(series + 1, _values.Length * 2));
        if (_present[series] != 0) return false;
        _values[series] = value;
        _present[series] = 1;
        LastSeries = series;
        HighestSeries = Math.Max(HighestSeries, series);
        return true;
    }

    /// <summary>Gives the row its final number of series.</summary>
    public void Resize(int count)
    {
        Array.Resize(ref _values, count);
        Array.Resize(ref _present, count);
    }
}
