namespace Weir.Agent.Tests.Windows.Pdh;

/// <summary>Tests on the scripted pdh.dll: one after the other, since script and counts belong to the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PdhCollection
{
    public const string Name = "pdh";
}
