namespace Weir.Agent.Collectors.Linux;

/// <summary>A file of /sys that holds one whole number.</summary>
/// <remarks>Its failures are values: a device that goes away, or does not answer, is no reason to fail its neighbours. Not thread-safe.</remarks>
internal sealed class NumberFile(string path) : IDisposable
{
    private readonly ProcFile _file = new(path);

    /// <summary>Reads the number.</summary>
    /// <returns>Null, or why there is none.</returns>
    public FailureReason? TryRead(out double value)
    {
        value = 0;
        try
        {
            var text = new ProcText(_file.Read().TrimEnd((byte)'\n'));
            value = text.Signed();
            return text.IsMalformed ? FailureReason.Error : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ReasonOf(error);
        }
    }

    /// <summary>Gives a series the number, or the reason why there is none.</summary>
    public void Set(Columns columns, int series, double scale)
    {
        if (TryRead(out double value) is { } reason) columns.Fail(series, reason);
        else columns.Set(series, value * scale);
    }

    /// <summary>The reason that an error of reading stands for.</summary>
    public static FailureReason ReasonOf(Exception error) => error switch
    {
        UnauthorizedAccessException => FailureReason.AccessDenied,
        FileNotFoundException or DirectoryNotFoundException => FailureReason.NotHere,
        _ => FailureReason.Error,
    };

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
