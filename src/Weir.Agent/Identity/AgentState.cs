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
