namespace Weir.Scenarios;

/// <summary>What a script left behind.</summary>
internal sealed record ScriptResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>Everything, for the message of a failure.</summary>
    public override string ToString() => $"{Command} ended with code {ExitCode}\n{Output}\n{Errors}";
}
