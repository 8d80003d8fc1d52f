namespace Weir.Agent.Tests.Windows;

/// <summary>Tests on the scripted wevtapi.dll: one after the other, since records and handles belong to the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EventLogCollection
{
    public const string Name = "event log";
}
