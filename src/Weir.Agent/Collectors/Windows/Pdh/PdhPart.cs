namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Which of a raw counter's two numbers is wanted.</summary>
internal enum PdhPart
{
    /// <summary>The value, by the meaning of the counter's type.</summary>
    Value,

    /// <summary>The value of a counter that only grows, even where its type is that of a gauge.</summary>
    Total,

    /// <summary>The base that it is divided by: of an average, how many there were.</summary>
    Base,

    /// <summary>The time in which a timer did not run: of <c>% Idle Time</c>, the busy time.</summary>
    Complement,
}
