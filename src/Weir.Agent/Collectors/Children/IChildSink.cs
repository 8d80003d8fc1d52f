namespace Weir.Agent.Collectors.Children;

/// <summary>Takes what a child program writes.</summary>
internal interface IChildSink
{
    /// <summary>Takes some bytes, cut anywhere. Called by one thread of the child; must not throw.</summary>
    void Take(ReadOnlySpan<byte> bytes);
}
