using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Agent.Identity;

/// <summary>The file <c>identity/credentials</c>: certificate and trusted authorities as text, replaced in one step.</summary>
/// <remarks>Lines: <c>weir-credentials 1</c>, <c>received MS</c>, <c>lifetime MS</c>, <c>certificate BASE64</c>, <c>authority BASE64</c> (1 to 16), <c>crc HEX</c> over the lines before.</remarks>
internal sealed class CredentialsFile(IFileSystem files, string directory)
{
    /// <summary>Name of the file.</summary>
    public const string Name = "credentials";

    private const string Kind = "weir-credentials";
    private const int Version = 1;
    private const int MaxBytes = 64 * 1024;

    private string Path => System.IO.Path.Combine(directory, Name);

    /// <summary>Whether the agent has ever been given a certificate.</summary>
    public bool Exists => files.FileExists(Path);

    /// <summary>Reads the credentials; null where there are none.</summary>
    /// <exception cref="AgentDataException">The file is damaged, of a newer version, or of another key.</exception>
    public AgentCredentials? Read(AgentKeys keys)
    {
        if (!Exists) return null;
        var bytes = new byte[MaxBytes];
        using IFile file = files.Open(Path, write: false);
        string text = Encoding.ASCII.GetString(bytes, 0, file.Read(0, bytes));
        string[] lines = text.Split('\n');
        if (lines[0].Split(' ') is not [Kind, var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version)) throw Damaged();
        if (version > Version) throw new AgentDataException(AgentDataError.NewerFormat, Path, $"{Path} has version {version}, this program knows up to {Version}: run the newer version that wrote it");
        int crcAt = text.LastIndexOf("crc ", StringComparison.Ordinal);
        if (lines.Length < 7 || crcAt < 0 || text[crcAt..] != Crc(text[..crcAt]) + "\n") throw Damaged();
        (string Key, string Value)[] values = [.. lines[1..^2].Select(static line => line.Split(' ', 2)).Select(static pair => (pair[0], pair.Length == 2 ? pair[1] : ""))];
        byte[] certificate = Bytes(Value(values, "certificate"));
        using X509Certificate2? bare = CertificateTrust.TryLoad(certificate);
        if (bare is null || !AgentId.TryParse(CertificateNames.AgentOf(bare)?.AgentId ?? "", out AgentId agent)) throw Damaged();
        using ECDsa? key = keys.Open(agent);
        if (key is null) throw Foreign();
        return AgentCredentials.TryMake(
            certificate, [.. values.Where(static value => value.Key == "authority").Select(value => (ReadOnlyMemory<byte>)Bytes(value.Value))],
            key, DateTimeOffset.FromUnixTimeMilliseconds(Number(values, "received")), TimeSpan.FromMilliseconds(Number(values, "lifetime"))) ?? throw Foreign();
    }

    /// <summary>Makes credentials durable.</summary>
    public void Write(AgentCredentials credentials)
    {
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{Kind} {Version}\n"));
        text.Append(CultureInfo.InvariantCulture, $"received {credentials.ReceivedAt.ToUnixTimeMilliseconds()}\nlifetime {(long)credentials.Lifetime.TotalMilliseconds}\n");
        text.Append(CultureInfo.InvariantCulture, $"certificate {Convert.ToBase64String(credentials.Certificate.RawData)}\n");
        foreach (var authority in credentials.Authorities) text.Append(CultureInfo.InvariantCulture, $"authority {Convert.ToBase64String(authority.RawData)}\n");
        files.Replace(directory, Name, Encoding.ASCII.GetBytes(text + Crc(text.ToString()) + "\n"));
    }

    private string Value((string Key, string Value)[] values, string key) => Array.Find(values, value => value.Key == key).Value ?? throw Damaged();

    private long Number((string Key, string Value)[] values, string key) =>
        long.TryParse(Value(values, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : throw Damaged();

    private byte[] Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int written) ? bytes[..written] : throw Damaged();
    }

    private static string Crc(string text) => string.Create(CultureInfo.InvariantCulture, $"crc {Crc32C.Compute(Encoding.ASCII.GetBytes(text)):x8}");

    private AgentDataException Damaged() => new(AgentDataError.Damaged, Path, $"{Path} is damaged: restore it from a copy, or delete it and enrol again");

    private AgentDataException Foreign() =>
        new(AgentDataError.Damaged, Path, $"{Path} is not of this agent and its key: restore the whole data directory from a copy, or delete the file and enrol again");
}
