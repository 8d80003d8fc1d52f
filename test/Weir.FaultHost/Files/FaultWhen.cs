namespace Weir.FaultHost.Files;

/// <summary>What happens at a <see cref="FaultPoint"/>.</summary>
internal enum FaultWhen
{
    /// <summary>The process is killed before the step.</summary>
    Before,

    /// <summary>The process is killed behind the step.</summary>
    After,

    /// <summary>Half of the bytes are written, then the process is killed.</summary>
    Torn,

    /// <summary>The step fails: no space left on the device.</summary>
    Full,

    /// <summary>The step fails: input/output error.</summary>
    Error,

    /// <summary>The step takes a fifth of a second longer.</summary>
    Slow,
}
