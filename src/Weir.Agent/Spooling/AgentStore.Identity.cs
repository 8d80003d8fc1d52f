using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Spooling;

/// <content>Who the agent is, and was: a copy of a machine takes a new id, and what it still holds of before keeps the old one.</content>
internal sealed partial class AgentStore
{
    /// <summary>The id that an epoch belongs to.</summary>
    public AgentId IdOf(uint startNumber) => _state.IdOf(startNumber);

    /// <summary>Former ids whose entries may be sent, oldest first: those with epochs in the spool, none where a certificate proves the present id alone.</summary>
    public IReadOnlyList<AgentId> FormerIds => _options.KeepsId ? [] : HeldFormerIds;

    private IReadOnlyList<AgentId> HeldFormerIds => [.. OpenEpochs.Select(open => IdOf(open.StartNumber)).Where(id => id != AgentId).Distinct()];

    /// <summary>Whether the entries of an epoch may be sent: where a certificate proves the present id alone, those of a former id stay in the spool.</summary>
    public bool MaySend(uint startNumber) => !_options.KeepsId || IdOf(startNumber) == AgentId;

    /// <summary>Takes a new id, and begins an epoch under it.</summary>
    /// <returns>False where a certificate proves the id, or the agent has had too many: it goes on with the one it has.</returns>
    /// <exception cref="IOException">The disk does not take it; the epoch before goes on.</exception>
    public async ValueTask<bool> TakeNewIdAsync(CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_options.KeepsId || _state.Renamed() is not { } renamed) return false;
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
        bool isAnother = _options.Machine.DiffersFrom(state.Machine);
        state = state with { Machine = _options.Machine.Or(isAnother ? default : state.Machine) };
        // Ids of which nothing is left in the spool need no remembering.
        IReadOnlyList<AgentId> held = HeldFormerIds;
        if (state.Former.Any(former => !held.Contains(former.Id))) state = state with { Former = [.. state.Former.Where(former => held.Contains(former.Id))] };
        if (!isAnother || state.StartNumber == 0) return state;
        if (_options.KeepsId)
        {
            _logger.CopyKeepsId(state.AgentId.ToString());
            return state;
        }

        if (state.Renamed() is not { } renamed)
        {
            _logger.TooManyIds(state.AgentId.ToString(), AgentState.MaxFormer);
            return state;
        }

        _logger.Renamed(state.AgentId.ToString(), renamed.AgentId.ToString(), "this is another machine than before: its data was copied, or its disk moved");
        return renamed;
    }
}
