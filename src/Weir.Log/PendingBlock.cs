using Weir.Frames;

namespace Weir.Log;

/// <summary>Entries appended and not yet durable; becomes one block.</summary>
internal sealed class PendingBlock
{
    private TaskCompletionSource<long> _completion = New();

    /// <summary>Room for the header, then the index rows.</summary>
    public ByteWriter Head { get; } = new(4096);

    /// <summary>The payloads.</summary>
    public ByteWriter Payloads { get; } = new(64 * 1024);

    public int Count { get; private set; }

    /// <summary>Whether an entry in it must become durable although the disk is full.</summary>
    public bool IsClosing { get; set; }

    public int Bytes => Head.Length + Payloads.Length;

    /// <summary>Gives the position of the block's first payload once all of it is durable.</summary>
    public Task<long> Completion => _completion.Task;

    /// <summary>Copies an entry in.</summary>
    /// <returns>Offset of its payload from the block's first.</returns>
    public int Add(ReadOnlySpan<byte> index, ReadOnlySpan<byte> payload)
    {
        if (Count == 0)
        {
            Head.Reserve(BlockFormat.BlockHeaderBytes);
            Head.Advance(BlockFormat.BlockHeaderBytes);
        }

        int offset = Payloads.Length;
        Head.U32((uint)payload.Length);
        Head.U32(Crc32C.Compute(payload));
        Head.U32((uint)index.Length);
        Head.Bytes(index);
        Payloads.Bytes(payload);
        Count++;
        return offset;
    }

    /// <summary>Writes the header in front of the rows.</summary>
    public BlockHeader Seal(long position)
    {
        ReadOnlySpan<byte> rows = Head.Written[BlockFormat.BlockHeaderBytes..];
        var header = new BlockHeader(position, rows.Length, Payloads.Length, Count, Crc32C.Compute(rows));
        BlockFormat.WriteBlockHeader(Head.WrittenFrom(0), header);
        return header;
    }

    public void Complete(long payloadPosition) => _completion.SetResult(payloadPosition);

    public void Fail(LogException error)
    {
        _completion.SetException(error);
        _ = _completion.Task.Exception; // observed here: not every appender waits
    }

    /// <summary>Makes the block ready for new entries.</summary>
    public void Reset()
    {
        Head.Clear();
        Payloads.Clear();
        Count = 0;
        IsClosing = false;
        _completion = New();
    }

    private static TaskCompletionSource<long> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
