namespace Weir.Agent.Collectors.Linux;

/// <summary>A collector whose series are files of a number each, below folders that come and go.</summary>
/// <remarks>A file that does not answer fails alone. What is there is looked for once a minute, and after something went away: modules load late.</remarks>
/// <param name="name">Its name.</param>
/// <param name="time">The clock of its searches.</param>
internal abstract class NumberFileCollector(string name, TimeProvider time) : ICollector
{
    private static readonly TimeSpan SearchInterval = TimeSpan.FromMinutes(1);

    private NumberSeries[] _series = [];
    private NumberFile[] _files = [];
    private long _searchedAt;
    private bool _isGone;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (_series.Length == 0 || _isGone || time.GetElapsedTime(_searchedAt) >= SearchInterval) Search(columns);
        _isGone = false;
        for (int i = 0; i < _files.Length; i++)
        {
            if (_files[i].TryRead(out double value) is { } reason)
            {
                columns.Fail(i, reason);
                _isGone |= reason == FailureReason.NotHere;
            }
            else columns.Set(i, value * _series[i].Scale);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NumberFile file in _files) file.Dispose();
        _files = [];
        _series = [];
    }

    /// <summary>What is there now, series of one template beside each other, in an order that stays.</summary>
    /// <exception cref="IOException">Nothing of it is here, which an empty answer says too.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be looked at.</exception>
    protected abstract NumberSeries[] Find();

    private void Search(Columns columns)
    {
        _searchedAt = time.GetTimestamp();
        NumberSeries[] found;
        try
        {
            found = Find();
            if (found.Length == 0) throw new FileNotFoundException($"no file of {name} is here");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw;
        }

        if (found.AsSpan().SequenceEqual(_series) && columns.Count > 0) return;
        Dispose();
        _series = found;
        _files = [.. found.Select(static series => new NumberFile(series.Path, series.IsLeading))];
        columns.Shape([.. found.GroupBy(static series => series.Template).Select(static part => new SchemaPart(part.Key, [.. part.Select(static series => series.Instance)]))]);
    }
}
