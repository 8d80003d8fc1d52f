namespace Weir.Scenarios;

/// <summary>Tests that publish the agent run one after the other: they share <c>artifacts/publish</c>.</summary>
[CollectionDefinition(Name)]
public sealed class PublishCollection
{
    /// <summary>The collection's name.</summary>
    public const string Name = "publish the agent";
}
