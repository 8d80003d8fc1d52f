using Microsoft.Extensions.Logging;
using Weir.Log;

namespace Weir.Gateway.Identity;

/// <summary>How many copies there are of each agent that joined with a token, copies of copies included.</summary>
/// <remarks>
/// Read from the agents on disk when the first copy comes; from then on only the desk adds to them. Agents whose files cannot be read are not counted: one damaged file would keep every copy out.
/// Not thread-safe.
/// </remarks>
internal sealed class AgentCopies(AgentFiles agents, int max, ILogger logger)
{
    private Dictionary<AgentId, int>? _counts;

    /// <summary>Whether an agent of these former ids would be one more than there may be: too many copies, or a copy of too many generations.</summary>
    public bool IsFull(IReadOnlyList<AgentId> former) => former.Count > Protocol.Identity.CertificateNames.MaxFormer || Counts().GetValueOrDefault(former[0]) >= max;

    /// <summary>Counts a copy that has been written down.</summary>
    public void Add(AgentId first)
    {
        // Not read yet: it will be among those that are.
        if (_counts is { } counts) counts[first] = counts.GetValueOrDefault(first) + 1;
    }

    private Dictionary<AgentId, int> Counts() =>
        _counts ??= agents.Ids().Select(TryFind).OfType<AgentInfo>().Where(static agent => agent.Former.Count > 0).CountBy(static agent => agent.Former[0]).ToDictionary();

    private AgentInfo? TryFind(AgentId agent)
    {
        try
        {
            return agents.Find(agent);
        }
        catch (Exception e) when (e is IdentityException or IOException or UnauthorizedAccessException)
        {
            logger.NotCounted(e, agent.ToString());
            return null;
        }
    }
}
