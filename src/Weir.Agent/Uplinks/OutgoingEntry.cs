using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>An entry that is to be sent, and the class it goes into.</summary>
internal readonly record struct OutgoingEntry(SpooledEntry Entry, EntryClass Class)
{
    /// <summary>Bytes it takes in a batch.</summary>
    public int Bytes => Entry.Length + EntryRun.PrefixBytes;
}
