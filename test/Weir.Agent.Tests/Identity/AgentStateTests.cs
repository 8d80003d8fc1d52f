using Weir.Agent.Identity;
using Weir.Log;

namespace Weir.Agent.Tests.Identity;

public sealed class AgentStateTests
{
    [Fact]
    public void IdsSince_AnIdOfBefore_AreThoseThatFollowedIt()
    {
        AgentId[] ids = [new(1, 1), new(1, 2), new(1, 3)];
        AgentState state = new AgentState(ids[2], 9, 0) with { Former = [new FormerId(ids[0], 3), new FormerId(ids[1], 6)] };
        Assert.Equal(ids[1..], state.IdsSince(ids[0]));
        Assert.Equal(ids[2..], state.IdsSince(ids[1]));
        // Forgotten, and so older than all that is remembered.
        Assert.Equal(ids, state.IdsSince(new AgentId(1, 0)));
    }
}
