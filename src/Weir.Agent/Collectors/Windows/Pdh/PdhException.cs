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
    /// <returns>
    /// <see cref="UnauthorizedAccessException"/> where a right is missing, <see cref="FileNotFoundException"/> where the object or counter is, else a <see cref="PdhException"/>:
    /// collectors are judged by these types.
    /// </returns>
    public static Exception Of(string call, string performanceObject, string? counter, uint code)
    {
        var error = new PdhException(call, performanceObject, counter, code);
        if (code is PdhStatus.AccessDenied or PdhStatus.NoData)
            return new UnauthorizedAccessException($"{error.Message}: the account needs {SourceRight.PerformanceMonitorUsers.Name} ({SourceRight.PerformanceMonitorUsers.Grant})", error);
        return PdhStatus.IsMissing(code)
            ? new FileNotFoundException($"the performance object '{performanceObject}' is not on this system, or has none of the counters ({error.Message}); it is looked for again", error)
            : error;
    }
}
