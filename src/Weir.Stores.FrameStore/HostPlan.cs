using Weir.Contracts;
using Weir.Frames;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;

namespace Weir.Stores.FrameStore;

/// <summary>What has to be read of one host.</summary>
internal sealed class HostPlan(FrameStorePartition partition, HotHost host)
{
    /// <summary>Its partition.</summary>
    public FrameStorePartition Partition { get; } = partition;

    /// <summary>Whose host.</summary>
    public string Tenant { get; } = host.Tenant;

    /// <summary>Its agent.</summary>
    public AgentId Agent { get; } = host.Agent;

    /// <summary>Labels that every series of the host carries.</summary>
    public Label[] HostLabels { get; } = host.Labels;

    /// <summary>Its schemas that have wanted series.</summary>
    public Dictionary<Schema, SchemaPlan> Schemas { get; } = [];

    /// <summary>Rows of parts whose directories speak of them, oldest part first.</summary>
    public List<(Part Part, PartRow Row)> Rows { get; } = [];

    /// <summary>The identity of a series: its own labels and the host's; the host's win.</summary>
    public Labels LabelsOf(SchemaPlan plan, int series)
    {
        var all = new List<Label>(HostLabels);
        foreach (Label label in plan.Labels.Series[series])
            if (!Array.Exists(HostLabels, host => string.Equals(host.Name, label.Name, StringComparison.Ordinal))) all.Add(label);
        return Labels.From(all);
    }
}
