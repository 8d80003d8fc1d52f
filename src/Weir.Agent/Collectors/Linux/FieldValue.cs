namespace Weir.Agent.Collectors.Linux;

/// <summary>What a key had at a tick.</summary>
internal struct FieldValue
{
    /// <summary>The value; means nothing where <see cref="Failure"/> says why there is none.</summary>
    public double Value;

    /// <summary>Why there is no value; null where there is one.</summary>
    public FailureReason? Failure;

    /// <summary>Whether the host ever had the key, or might have: its file may not be read.</summary>
    public bool IsKnown;
}
