namespace Weir.Agent.Spooling;

/// <summary>The index of an entry in the quarantine of the spool: reason u8, time u64, epoch u64, start number u32, seq u64, kind u8.</summary>
/// <param name="Reason">Why it was given up.</param>
/// <param name="AtMs">When, Unix ms.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="StartNumber">The epoch's start number.</param>
/// <param name="Seq">Its seq.</param>
/// <param name="Kind">Its kind, as its header in the spool's index has it.</param>
internal readonly record struct QuarantineIndex(DropReason Reason, long AtMs, ulong Epoch, uint StartNumber, ulong Seq, EntryKind Kind)
{
    /// <summary>Writes an index.</summary>
    public static void Write(ByteWriter target, in QuarantineIndex index)
    {
        target.Clear();
        target.U8((byte)index.Reason);
        target.U64((ulong)index.AtMs);
        target.U64(index.Epoch);
        target.U32(index.StartNumber);
        target.U64(index.Seq);
        target.U8((byte)index.Kind);
    }

    /// <summary>Reads an index; null where it is none.</summary>
    public static QuarantineIndex? TryRead(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes);
        var index = new QuarantineIndex((DropReason)reader.U8(), (long)reader.U64(), reader.U64(), reader.U32(), reader.U64(), (EntryKind)reader.U8());
        return reader.Failed ? null : index;
    }
}
