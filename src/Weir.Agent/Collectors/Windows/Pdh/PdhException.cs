namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>A call of PDH that failed, with what it was about.</summary>
internal sealed class PdhException(string call, string performanceObject, string? counter, uint code)
    : Exception($"{call} of \\{performanceObject}{(counter is null ? "" : $"\\{counter}")} answers 0x{code:X8}")
{
    /// <summary>The object.</summary>
    public string PerformanceObject => performanceObject;

    /// <summary>The counter; null where the call was about all of them.</summary>
    public string? Counter => counter;

    /// <summary>What PDH answered.</summary>
    public uint Code => code;

    /// <summary>The exception for a status that is neither a value nor benign.</summary>
    /// <param name="call">The call.</param>
    /// <param name="performanceObject">The object.</param>
    /// <param name="counter">The counter; null where the call was about all of them.</param>
    /// <param name="code">What PDH answered.</param>
    /// <param name="hasRights">Whether the account may read counters. One that may not gets all kinds of answers, that there is no such object included.</param>
    /// <returns>
    /// <see cref="UnauthorizedAccessException"/> where a right is missing, <see cref="FileNotFoundException"/> where the object or counter is, else a <see cref="PdhException"/>:
    /// collectors are judged by these types.
    /// </returns>
    public static Exception Of(string call, string performanceObject, string? counter, uint code, bool hasRights)
    {
        var error = new PdhException(call, performanceObject, counter, code);
        string right = hasRights ? "" : $": the account needs {SourceRight.PerformanceMonitorUsers.Name} ({SourceRight.PerformanceMonitorUsers.Grant})";
        if (PdhStatus.IsMissing(code))
            return new FileNotFoundException($"the performance object '{performanceObject}' is not on this system, or has none of the counters ({error.Message}); it is looked for again{right}", error);
        return !hasRights && code is (PdhStatus.AccessDenied or PdhStatus.NoData) ? new UnauthorizedAccessException(error.Message + right, error) : error;
    }
}
