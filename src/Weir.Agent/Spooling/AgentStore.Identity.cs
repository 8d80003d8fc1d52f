using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>Who the agent is, and was: a copy of a machine takes a new id, and what it still holds of before keeps the old one.</content>
internal sealed partial class AgentStore
{
    /// <summary>The id that an epoch belongs to.</summary>
    public AgentId IdOf(uint startNumber) => _state.IdOf(startNumber);

    /// <summary>Which ids this machine may speak for: over TLS those that its certificate names. Default: all, as without TLS.</summary>
    public Func<AgentId, bool> SpeaksFor { get; set; } = static _ => true;

    /// <summary>What the agent must remember for good.</summary>
    public AgentState State => _state;

    /// <summary>Former ids whose entries may be sent, oldest first: those with epochs in the spool.</summary>
    public IReadOnlyList<AgentId> FormerIds => [.. HeldFormerIds.Where(SpeaksFor)];

    private IEnumerable<AgentId> HeldFormerIds => OpenEpochs.Select(open => IdOf(open.StartNumber)).Where(id => id != AgentId).Distinct();

    /// <summary>Whether the entries of an epoch may be sent. Those of a former id that the certificate does not name stay in the spool.</summary>
    public bool MaySend(uint startNumber) => SpeaksFor(IdOf(startNumber));

    /// <summary>Takes a new id, and begins an epoch under it.</summary>
    /// <returns>False where the agent has had too many: it goes on with the one it has.</returns>
    /// <exception cref="IOException">The disk does not take it; the epoch before goes on.</exception>
    public async ValueTask<bool> TakeNewIdAsync(CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state.Renamed() is not { } renamed) return false;
            _logger.Renamed(AgentId.ToString(), renamed.AgentId.ToString(), "the gateway says that another machine has the id");
            await BeginEpochAsync(renamed).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _appending.Release();
        }
    }

    private AgentState OfThisMachine(AgentState state)
    {
        bool isCopy = state.IsCopyOn(_options.Machine);
        state = state with { Machine = _options.Machine.Or(_options.Machine.DiffersFrom(state.Machine) ? default : state.Machine) };
        // Ids of which nothing is left in the spool need no remembering; oldest first, so that the order in which ids followed one another has no holes.
        AgentId[] held = [.. HeldFormerIds];
        if (state.Former is [var oldest, ..] && !held.Contains(oldest.Id)) state = state with { Former = [.. state.Former.SkipWhile(former => !held.Contains(former.Id))] };
        if (!isCopy) return state;
        if (state.Renamed() is not { } renamed)
        {
            _logger.TooManyIds(state.AgentId.ToString(), AgentState.MaxFormer);
            return state;
        }

        _logger.Renamed(state.AgentId.ToString(), renamed.AgentId.ToString(), "this is another machine than before: its data was copied, or its disk moved");
        return renamed;
    }
}
