using System.Security.Cryptography;
using System.Text;
using Weir.Frames;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>What an agent says that it is going to upload.</summary>
/// <param name="FileHash">SHA-256 of the whole file.</param>
/// <param name="FileSize">Its bytes.</param>
/// <param name="Kind">What it is for.</param>
internal readonly record struct UploadClaim(ContentId FileHash, long FileSize, UploadKind Kind)
{
    /// <summary>The upload's id: the same content of the same owner is the same upload. 32 hexadecimal digits, made of hashes alone, so that no name of a client's reaches the disk.</summary>
    public string IdFor(UploadOwner owner)
    {
        var bytes = new ByteWriter();
        bytes.String(owner.Tenant);
        owner.Agent.Write(bytes.Reserve(AgentId.Size));
        bytes.Advance(AgentId.Size);
        FileHash.Write(bytes.Reserve(ContentId.Size));
        bytes.Advance(ContentId.Size);
        bytes.U64((ulong)FileSize);
        return Convert.ToHexStringLower(SHA256.HashData(bytes.Written).AsSpan(0, 16));
    }
}
