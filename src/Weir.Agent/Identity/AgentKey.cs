using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>The agent's own key: ECDSA P-256, made here, never leaving the host.</summary>
/// <remarks>
/// Elsewhere than on Windows the owner-only file <c>identity/key</c> (PKCS #8, PEM). On Windows a named, non-exportable CNG key of the machine, so that an
/// administrator who enrols and the service that runs find the same.
/// </remarks>
internal static class AgentKey
{
    private const string Name = "key";
    private const int MaxBytes = 4096;

    /// <summary>Opens the key, or makes it.</summary>
    /// <exception cref="AgentDataException">The file is damaged.</exception>
    public static ECDsa OpenOrCreate(IFileSystem files, string directory, AgentId agent) =>
        OperatingSystem.IsWindows() ? OpenOrCreateOnWindows(agent) : Open(files, directory) ?? Create(files, directory);

    private static ECDsa? Open(IFileSystem files, string directory)
    {
        string path = Path.Combine(directory, Name);
        if (!files.FileExists(path)) return null;
        var bytes = new byte[MaxBytes];
        var key = ECDsa.Create();
        try
        {
            using IFile file = files.Open(path, write: false);
            key.ImportFromPem(Encoding.ASCII.GetString(bytes, 0, file.Read(0, bytes)));
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new AgentDataException(AgentDataError.Damaged, path, $"{path} is damaged: restore it from a copy, or delete {directory} and enrol again", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static ECDsa Create(IFileSystem files, string directory)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] pem = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
        files.Replace(directory, Name, pem);
        CryptographicOperations.ZeroMemory(pem);
        return key;
    }

    [SupportedOSPlatform("windows")]
    private static ECDsaCng OpenOrCreateOnWindows(AgentId agent)
    {
        string name = $"weir-agent-{agent}";
        CngProvider provider = CngProvider.MicrosoftSoftwareKeyStorageProvider;
        using CngKey key = CngKey.Exists(name, provider, CngKeyOpenOptions.MachineKey)
            ? CngKey.Open(name, provider, CngKeyOpenOptions.MachineKey)
            : CngKey.Create(CngAlgorithm.ECDsaP256, name, new CngKeyCreationParameters
            {
                Provider = provider,
                KeyCreationOptions = CngKeyCreationOptions.MachineKey,
                ExportPolicy = CngExportPolicies.None,
                KeyUsage = CngKeyUsages.Signing,
            });
        return new ECDsaCng(key);
    }
}
