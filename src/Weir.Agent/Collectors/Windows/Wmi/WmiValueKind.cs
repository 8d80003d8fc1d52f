namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>What a property of a row holds.</summary>
internal enum WmiValueKind
{
    /// <summary>Nothing: the provider does not know it.</summary>
    Null,

    /// <summary>A number, a truth value (0 or 1), a time (seconds since the Unix epoch) or a span of time (seconds).</summary>
    Number,

    /// <summary>A text that is no number.</summary>
    Text,

    /// <summary>An array or an object, which is neither a value nor an attribute.</summary>
    Unsupported,
}
