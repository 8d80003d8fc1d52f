namespace Weir.Scenarios.Oracle;

/// <summary>An entry as its agent made it.</summary>
/// <param name="StartNumber">The start number of its epoch.</param>
/// <param name="Bytes">Its bytes.</param>
internal sealed record MadeEntry(uint StartNumber, byte[] Bytes);
