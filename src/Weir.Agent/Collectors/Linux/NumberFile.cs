using System.Buffers;

namespace Weir.Agent.Collectors.Linux;

/// <summary>A file of /sys that holds a number.</summary>
/// <remarks>Its failures are values: a device that goes away, or does not answer, is no reason to fail its neighbours. Not thread-safe.</remarks>
/// <param name="path">The file.</param>
/// <param name="isLeading">Whether text follows the number, which may have a fraction: <c>4: ACTIVE</c>, <c>2.5 Gb/sec (1X SDR)</c>. Else it is a whole one alone.</param>
internal sealed class NumberFile(string path, bool isLeading = false) : IDisposable
{
    private static readonly SearchValues<byte> OfNumbers = SearchValues.Create("0123456789."u8);

    private readonly ProcFile _file = new(path);

    /// <summary>Reads the number.</summary>
    /// <returns>Null, or why there is none.</returns>
    public FailureReason? TryRead(out double value)
    {
        value = 0;
        try
        {
            ReadOnlySpan<byte> all = _file.Read();
            var text = new ProcText(isLeading ? Leading(all) : all.TrimEnd((byte)'\n'));
            value = isLeading ? text.Decimal() : text.Signed();
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

    private static ReadOnlySpan<byte> Leading(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept(OfNumbers) is >= 0 and var end ? text[..end] : text;
}
