namespace Weir.Agent.Spooling;

/// <summary>What a tombstone in the spool declares: said once more where the tombstone itself is lost.</summary>
/// <param name="Epoch">The tombstone's epoch.</param>
/// <param name="Seq">Its seq.</param>
/// <param name="Lost">The entries that it names; their start number does not matter.</param>
/// <param name="Reason">Why they were given up.</param>
internal readonly record struct DeclaredLoss(ulong Epoch, ulong Seq, EntryRange Lost, DropReason Reason)
{
    /// <summary>Reads a loss.</summary>
    public static DeclaredLoss Read(ref ByteReader reader)
    {
        ulong epoch = reader.U64(), seq = reader.Varint(), lostEpoch = reader.U64(), first = reader.Varint();
        return new DeclaredLoss(epoch, seq, new EntryRange(lostEpoch, 0, first, first + reader.Varint()), (DropReason)reader.U8());
    }

    /// <summary>Writes the loss.</summary>
    public void Write(ByteWriter target)
    {
        target.U64(Epoch);
        target.Varint(Seq);
        target.U64(Lost.Epoch);
        target.Varint(Lost.First);
        target.Varint(Lost.Last - Lost.First);
        target.U8((byte)Reason);
    }

    /// <summary>The tombstone that says it once more; what was in the entries it no longer knows.</summary>
    public Tombstone ToTombstone() => new() { Epoch = Lost.Epoch, FirstSeq = Lost.First, LastSeq = Lost.Last, Reason = Reason, IsNamesOnly = true };

    /// <summary>Whether another loss names all of these entries.</summary>
    public bool IsWithin(in DeclaredLoss other) => Lost.IsWithin(other.Lost);
}
