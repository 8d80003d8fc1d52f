using System.Buffers.Binary;

namespace Weir.Frames;

/// <summary>A run of entries back to back, each behind its length (u32, little-endian): the body of a batch and of a record.</summary>
public static class EntryRun
{
    /// <summary>Bytes in front of each entry.</summary>
    public const int PrefixBytes = 4;

    /// <summary>Appends an entry.</summary>
    public static void Append(ByteWriter run, ReadOnlySpan<byte> entry)
    {
        run.U32((uint)entry.Length);
        run.Bytes(entry);
    }

    /// <summary>Goes through the entries of a run.</summary>
    public static Enumerator Read(ReadOnlySpan<byte> run) => new(run);

    /// <summary>Walks a run without copying.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> run)
    {
        private readonly ReadOnlySpan<byte> _run = run;
        private int _next;

        /// <summary>Offset of the current entry in the run, its length prefix not counted.</summary>
        public int Offset { get; private set; }

        /// <summary>The current entry.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Whether the run ended in the middle of an entry: what follows <see cref="Offset"/> names nothing.</summary>
        public bool Torn { get; private set; }

        /// <summary>Steps to the next entry.</summary>
        public bool MoveNext()
        {
            if (_next == _run.Length || Torn) return false;
            ReadOnlySpan<byte> rest = _run[_next..];
            if (rest.Length < PrefixBytes || BinaryPrimitives.ReadUInt32LittleEndian(rest) is var length && length > rest.Length - PrefixBytes)
            {
                Torn = true;
                return false;
            }

            Offset = _next + PrefixBytes;
            Current = rest.Slice(PrefixBytes, (int)length);
            _next = Offset + (int)length;
            return true;
        }
    }
}
