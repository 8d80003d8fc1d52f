using Weir.Agent.Spooling;
using Weir.Protocol.V1;

namespace Weir.Agent.Uplinks;

/// <summary>An entry that is to be sent, and the class it goes into.</summary>
internal sealed record OutgoingEntry(SpooledEntry Entry, EntryClass Class)
{
    /// <summary>The entry's name.</summary>
    public (ulong Epoch, ulong Seq) Name => (Entry.Epoch, Entry.Header.Seq);

    /// <summary>Bytes it takes in a batch.</summary>
    public int Bytes => Entry.Length + EntryRun.PrefixBytes;
}
