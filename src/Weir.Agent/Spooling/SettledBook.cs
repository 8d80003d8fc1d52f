namespace Weir.Agent.Spooling;

/// <summary>What the file <c>acks</c> says.</summary>
/// <param name="End">How far the spool reached when it was written.</param>
/// <param name="Epochs">How far each epoch reaches, and what of it is settled.</param>
/// <param name="Losses">Losses that no gateway has heard of.</param>
internal sealed record SettledBook(long End, IReadOnlyList<EpochBook> Epochs, IReadOnlyList<DeclaredLoss> Losses)
{
    /// <summary>Nothing is known.</summary>
    public static SettledBook Empty { get; } = new(-1, [], []);
}
