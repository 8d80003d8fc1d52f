namespace Weir.Gateway.Identity;

/// <summary>What is to be said of an authority.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Made">When it was made.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Issues">Whether agents' certificates are of it.</param>
/// <param name="Presents">Whether gateways' certificates are of it.</param>
public sealed record AuthorityInfo(int Number, DateTimeOffset Made, DateTimeOffset Until, bool Issues, bool Presents);
