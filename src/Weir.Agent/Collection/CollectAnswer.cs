namespace Weir.Agent.Collection;

/// <summary>What becomes of an order.</summary>
/// <param name="IsTaken">Whether it is carried out.</param>
/// <param name="Detail">How, or why not.</param>
internal sealed record CollectAnswer(bool IsTaken, string Detail);
