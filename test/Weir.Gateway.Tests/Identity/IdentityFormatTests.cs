using System.Text;
using Weir.Frames;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.Identity;
using Weir.TestKit.FileSystem;

namespace Weir.Gateway.Tests.Identity;

/// <summary>Bytes that docs/formats/identity.md draws.</summary>
public sealed class IdentityFormatTests
{
    private const string Folder = "/tokens";
    private const string Id = "0123456789abcdef";
    private const string Golden =
        "weir-token 1\nsecret 630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd\ntenant acme\nuses 3\n"
        + "created 1700000000000\nexpires 1700086400000\nlabel rack 7\ncrc 200262bb\n";

    private readonly CrashFileSystem _files = new();

    public IdentityFormatTests() => _files.CreateDirectory(Folder);

    [Fact]
    public void Token_OnDisk_IsTheGoldenText_AndIsReadBack()
    {
        JoinToken token = JoinToken.TryParse($"weir1.{Id}.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA")!;
        DateTimeOffset created = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
        var tokens = new TokenFiles(_files, Folder);
        tokens.Add(token, "acme", 3, created, created.AddDays(1), "rack 7");
        Assert.Equal(Golden, Encoding.UTF8.GetString(_files.Read($"{Folder}/{Id}")));
        TokenInfo info = tokens.Find(Id)!;
        Assert.Equal(("acme", 3, created, created.AddDays(1), "rack 7", false), (info.Tenant, info.Uses, info.Created, info.Expires, info.Label, info.Revoked));
    }

    [Fact]
    public void Token_OfANewerVersion_IsRefusedByName()
    {
        string text = Golden[..Golden.IndexOf("crc", StringComparison.Ordinal)].Replace("weir-token 1", "weir-token 2", StringComparison.Ordinal);
        _files.Replace(Folder, Id, Encoding.UTF8.GetBytes($"{text}crc {Crc32C.Compute(Encoding.UTF8.GetBytes(text)):x8}\n"));
        IdentityException error = Assert.Throws<IdentityException>(() => new TokenFiles(_files, Folder).Find(Id));
        Assert.Contains("has version 2, this program knows up to 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Proof_IsTheGoldenBytes() =>
        Assert.Equal("776569722d72656e65772d31000102032fa1b377bf67309f65e5e7bc9d924345ca648dec4e601a398a9cb497dcba3765", Convert.ToHexStringLower(RenewalProof.Bytes([1, 2, 3], [4, 5])));

    [Fact]
    public void ProofOfASplit_IsTheGoldenBytes() => Assert.Equal(
        "776569722d73706c69742d31000102032fa1b377bf67309f65e5e7bc9d924345ca648dec4e601a398a9cb497dcba376506bd7c250566c6e99f47c174"
        + "b589b7551f8b0e930ed056511d1e8f653bc71d3c4a",
        Convert.ToHexStringLower(SplitProof.Bytes([1, 2, 3], [4, 5], [6], [7, 8])));

    [Fact]
    public void FormerIds_InACertificate_AreTheGoldenBytes()
    {
        var extension = CertificateNames.NameFormer(["000102030405060708090a0b0c0d0e0f", "101112131415161718191a1b1c1d1e1f"]);
        Assert.Equal("30240410000102030405060708090a0b0c0d0e0f0410101112131415161718191a1b1c1d1e1f", Convert.ToHexStringLower(extension.RawData));
        Assert.Equal(("2.25.134229784841040890128315553728624973046", false), (extension.Oid!.Value, extension.Critical));
    }

    [Fact]
    public void AgentThatIsACopy_OnDisk_IsTheGoldenText_AndOneFromBeforeThereWereCopiesIsReadToo()
    {
        var folders = new IdentityFolders("/identity");
        folders.Ensure(_files);
        var agents = new AgentFiles(_files, folders);
        DateTimeOffset joined = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000);
        var copy = new AgentInfo(new AgentId(1, 3), "acme", "ab", "", [new AgentId(1, 1), new AgentId(1, 2)], joined, Revoked: false);
        agents.Add(copy);
        string path = $"{folders.Agents}/{copy.Agent}";
        string lines = $"weir-agent-joined 1\ntenant acme\nkey ab\ntoken \nformer {new AgentId(1, 1)} {new AgentId(1, 2)}\njoined 1700000000000\n";
        Assert.Equal($"{lines}crc {Crc32C.Compute(Encoding.UTF8.GetBytes(lines)):x8}\n", Encoding.UTF8.GetString(_files.Read(path)));
        Assert.Equal((new AgentId(1, 2), 2), (agents.Find(copy.Agent)!.From, agents.Find(copy.Agent)!.Former.Count));

        lines = $"weir-agent-joined 1\ntenant acme\nkey ab\ntoken {Id}\njoined 1700000000000\n";
        _files.Overwrite(path, Encoding.UTF8.GetBytes($"{lines}crc {Crc32C.Compute(Encoding.UTF8.GetBytes(lines)):x8}\n"));
        Assert.Equal((Id, null), (agents.Find(copy.Agent)!.Token, agents.Find(copy.Agent)!.From));
    }
}
