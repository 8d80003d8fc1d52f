using System.Buffers.Binary;
using System.Security.Cryptography;
using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>What an agent must remember for good: who it is, how often it has started, how often its clock has been stepped.</summary>
/// <param name="AgentId">Drawn at the first start.</param>
/// <param name="StartNumber">Starts so far; the number of the newest epoch.</param>
/// <param name="ClockGeneration">Clock steps so far.</param>
internal sealed record AgentState(AgentId AgentId, uint StartNumber, uint ClockGeneration)
{
    /// <summary>Former ids that are remembered; an agent that has had more keeps the id it has.</summary>
    public const int MaxFormer = 8;

    /// <summary>The machine it ran on last.</summary>
    public MachineMark Machine { get; init; }

    /// <summary>The ids it has had before, oldest first.</summary>
    public IReadOnlyList<FormerId> Former { get; init; } = [];

    /// <summary>The id that an epoch belongs to.</summary>
    public AgentId IdOf(uint startNumber)
    {
        foreach (FormerId former in Former)
            if (startNumber <= former.LastStart) return former.Id;
        return AgentId;
    }

    /// <summary>Whether a machine is another one than it has run on: its data was copied there, or its disk moved. One that has never run is nobody's copy.</summary>
    public bool IsCopyOn(MachineMark machine) => StartNumber > 0 && machine.DiffersFrom(Machine);

    /// <summary>The ids that it has had since another one, oldest first, the present one last; all where it does not remember that one, for it forgets the oldest first.</summary>
    public IEnumerable<AgentId> IdsSince(AgentId id)
    {
        AgentId[] former = [.. Former.Select(static each => each.Id)];
        return former.Skip(Array.IndexOf(former, id) + 1).Append(AgentId);
    }

    /// <summary>The same agent under a new id, which epochs from the next on belong to; null where it has had too many.</summary>
    public AgentState? Renamed() =>
        Former.Count >= MaxFormer ? null : this with { AgentId = New().AgentId, Former = [.. Former, new FormerId(AgentId, StartNumber)] };

    /// <summary>The state of an agent that has never run.</summary>
    public static AgentState New()
    {
        Span<byte> id = stackalloc byte[Log.AgentId.Size];
        Log.AgentId agent;
        do RandomNumberGenerator.Fill(id);
        while (!Log.AgentId.TryRead(id, out agent));
        return new AgentState(agent, 0, 0);
    }

    /// <summary>Draws an epoch: 64 random bits, never zero.</summary>
    public static ulong DrawEpoch()
    {
        Span<byte> bits = stackalloc byte[sizeof(ulong)];
        ulong epoch;
        do
        {
            RandomNumberGenerator.Fill(bits);
            epoch = BinaryPrimitives.ReadUInt64LittleEndian(bits);
        }
        while (epoch == 0);
        return epoch;
    }
}
