namespace Weir.Agent.Configuration;

/// <summary>A property of a WMI class that is an attribute of its row's series.</summary>
/// <param name="Property">The property.</param>
/// <param name="Attribute">The attribute's key.</param>
public sealed record WmiAttributeConfig(string Property, string Attribute);
