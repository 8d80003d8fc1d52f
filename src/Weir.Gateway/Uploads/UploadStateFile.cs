using System.Buffers.Binary;
using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>The file <c>ID.state</c> of an upload: a header made in one step, then records, each flushed before it counts.</summary>
/// <remarks>
/// Invariant: the only truth about the upload. A record is written at the end of the good ones, over whatever a crash left there, and counts when it
/// has been flushed; what it speaks of was flushed before it. A last record that is torn never counted and is written over; one with a good record
/// behind it is damage. <c>UploadCrashTests</c> stops between every two steps. <c>docs/formats/upload.md</c> draws the bytes.
/// </remarks>
internal sealed class UploadStateFile
{
    private const uint Magic = 0x4C50_5557;
    private const byte Version = 1;
    private const int MaxTenantBytes = 255;
    private const int MaxBytes = 4 << 20;

    private readonly IFileSystem _files;
    private readonly string _path;
    private long _length;

    private UploadStateFile(IFileSystem files, string path, long length)
    {
        _files = files;
        _path = path;
        _length = length;
    }

    /// <summary>Makes the file of a new upload, durably.</summary>
    public static UploadStateFile Create(IFileSystem files, string directory, string name, UploadState state)
    {
        byte[] header = EncodeHeader(state);
        files.Replace(directory, name, header);
        return new UploadStateFile(files, Path.Combine(directory, name), header.Length);
    }

    /// <summary>Reads the file.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="path">Its path.</param>
    /// <param name="state">What it says; null where it is not whole.</param>
    /// <param name="problem">Why it is not; null where it is, or where a newer program wrote it.</param>
    public static UploadStateFile? Open(IFileSystem files, string path, out UploadState? state, out string? problem)
    {
        state = null;
        problem = null;
        using IFile file = files.Open(path, write: false);
        if (file.Length > MaxBytes)
        {
            problem = $"larger than {MaxBytes} bytes";
            return null;
        }

        var bytes = new byte[file.Length];
        ReadOnlySpan<byte> content = bytes.AsSpan(0, file.Read(0, bytes));
        if (content.Length > 4 && BinaryPrimitives.ReadUInt32LittleEndian(content) == Magic && content[4] > Version) return null;
        int at = ReadHeader(content, out state);
        problem = at == 0 ? "its header is damaged" : ReadRecords(content, ref at, state!);
        if (problem is not null)
        {
            state = null;
            return null;
        }

        return new UploadStateFile(files, path, at);

        static string? ReadRecords(ReadOnlySpan<byte> content, ref int at, UploadState state)
        {
            while (UploadRecord.TryRead(content[at..], out UploadRecord record))
            {
                if (!state.Apply(record)) return $"the record at {at} contradicts those before it";
                at += UploadRecord.Size;
            }

            bool isLast = content.Length - at <= UploadRecord.Size;
            return isLast ? null : $"the record at {at} is damaged";
        }
    }

    /// <summary>Makes a record durable.</summary>
    /// <exception cref="IOException">It is not; the record does not count.</exception>
    public void Append(in UploadRecord record)
    {
        // A descriptor of its own each time: one that failed to flush is not used again.
        using IFile file = _files.Open(_path, write: true);
        file.Write(_length, record.Encode());
        file.Flush();
        _length += UploadRecord.Size;
    }

    internal static byte[] EncodeHeader(UploadState state)
    {
        var bytes = new ByteWriter();
        bytes.U32(Magic);
        bytes.U8(Version);
        bytes.U8((byte)state.Claim.Kind);
        state.Owner.Agent.Write(bytes.Reserve(AgentId.Size));
        bytes.Advance(AgentId.Size);
        state.Claim.FileHash.Write(bytes.Reserve(ContentId.Size));
        bytes.Advance(ContentId.Size);
        bytes.U64((ulong)state.Claim.FileSize);
        bytes.U32((uint)state.ChunkBytes);
        bytes.U64((ulong)state.CreatedMs);
        bytes.String(state.Owner.Tenant);
        bytes.U32(Crc32C.Compute(bytes.Written));
        return bytes.Written.ToArray();
    }

    private static int ReadHeader(ReadOnlySpan<byte> content, out UploadState? state)
    {
        state = null;
        var reader = new ByteReader(content);
        bool isOurs = reader.U32() == Magic && reader.U8() == Version;
        var kind = (UploadKind)reader.U8();
        ReadOnlySpan<byte> agent = reader.Bytes(AgentId.Size), hash = reader.Bytes(ContentId.Size);
        ulong size = reader.U64();
        uint chunkBytes = reader.U32();
        ulong createdMs = reader.U64();
        string tenant = reader.String(MaxTenantBytes);
        int end = reader.Position;
        uint crc = reader.U32();
        if (reader.Failed || !isOurs || crc != Crc32C.Compute(content[..end]) || !Enum.IsDefined(kind) || !AgentId.TryRead(agent, out AgentId id)) return 0;
        if (chunkBytes is 0 or > int.MaxValue || size / chunkBytes > UploadOptions.MaxChunks) return 0;
        state = new UploadState(new UploadOwner(tenant, id), new UploadClaim(ContentId.Read(hash), (long)size, kind), (int)chunkBytes, (long)createdMs);
        return reader.Position;
    }
}
