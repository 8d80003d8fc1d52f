namespace Weir.Agent.Services;

/// <summary>The system refused something that concerns a service.</summary>
/// <param name="operation">What was asked of it.</param>
/// <param name="code">Its code; 0 where it has none.</param>
/// <param name="message">What it says, and what to do.</param>
internal sealed class ServiceException(string operation, int code, string message) : Exception(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{operation}: {message}{(code == 0 ? "" : $" (code {code})")}"))
{
    /// <summary>What was asked of the system.</summary>
    public string Operation { get; } = operation;

    /// <summary>The system's code; 0 where it has none.</summary>
    public int Code { get; } = code;
}
