using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>The agent's own keys: ECDSA P-256, made here, never leaving the host. One for each id that it gets a certificate for.</summary>
/// <remarks>
/// <para>
/// Elsewhere than on Windows owner-only files in <c>identity/</c> (PKCS #8, PEM): <c>key</c> is that of the certificate; one whose certificate has not come yet is
/// <c>key.AGENT</c>. It is durable before a certificate is asked for, and takes the place of the one before when its certificate is durable: whatever step a process
/// dies at, there is a certificate with its key, and the same key is asked for again.
/// </para>
/// <para>
/// On Windows named, non-exportable CNG keys of the machine, so that an administrator who enrols and the service that runs find the same; where the account may make none, keys of its own. Opened
/// is the machine's first.
/// </para>
/// </remarks>
internal sealed class AgentKeys(IFileSystem files, string directory)
{
    private const string Name = "key";
    private const int MaxBytes = 4096;

    /// <summary>The key of an agent's certificate; null where it is not on this machine.</summary>
    /// <exception cref="AgentDataException">The file is damaged.</exception>
    public ECDsa? Open(AgentId agent) => OperatingSystem.IsWindows() ? OpenOnWindows(agent) : OpenFile(Pending(agent)) ?? OpenFile(Name);

    /// <summary>The key for an agent's next certificate, made where there is none.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="isCopy">Whether the certificate that is held, and so <c>key</c>, is another id's.</param>
    /// <exception cref="AgentDataException">The file is damaged.</exception>
    public ECDsa OpenOrCreate(AgentId agent, bool isCopy)
    {
        if (OperatingSystem.IsWindows()) return OpenOnWindows(agent) ?? CreateOnWindows(agent);
        return OpenFile(Pending(agent)) ?? (isCopy ? null : OpenFile(Name)) ?? CreateFile(Pending(agent));
    }

    /// <summary>The certificate of an agent is durable: its key takes the place of the one before.</summary>
    public void Settle(AgentId agent)
    {
        string pending = Path.Combine(directory, Pending(agent));
        if (OperatingSystem.IsWindows() || !files.FileExists(pending)) return;
        files.Rename(pending, Path.Combine(directory, Name));
        files.SyncDirectory(directory);
    }

    private static string Pending(AgentId agent) => $"{Name}.{agent}";

    private ECDsa? OpenFile(string name)
    {
        string path = Path.Combine(directory, name);
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

    private ECDsa CreateFile(string name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] pem = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
        files.Replace(directory, name, pem);
        CryptographicOperations.ZeroMemory(pem);
        return key;
    }

    /// <summary>Makes a key of the machine or, where the account may not, one of its own.</summary>
    /// <param name="create">Makes one; told whether of the machine.</param>
    internal static TKey CreateWhereAllowed<TKey>(Func<bool, TKey> create)
    {
        try
        {
            return create(true);
        }
        catch (CryptographicException)
        {
            // Of whatever kind: what the second attempt says is about the account alone, and is what is told.
            return create(false);
        }
    }

    [SupportedOSPlatform("windows")]
    private static ECDsaCng? OpenOnWindows(AgentId agent)
    {
        foreach (CngKeyOpenOptions place in (CngKeyOpenOptions[])[CngKeyOpenOptions.MachineKey, CngKeyOpenOptions.UserKey])
        {
            if (!CngKey.Exists(WindowsName(agent), Provider, place)) continue;
            using CngKey key = CngKey.Open(WindowsName(agent), Provider, place);
            return new ECDsaCng(key);
        }

        return null;
    }

    [SupportedOSPlatform("windows")]
    private static ECDsaCng CreateOnWindows(AgentId agent) => CreateWhereAllowed(isMachine =>
    {
        using CngKey key = CngKey.Create(CngAlgorithm.ECDsaP256, WindowsName(agent), new CngKeyCreationParameters
        {
            Provider = Provider,
            KeyCreationOptions = isMachine ? CngKeyCreationOptions.MachineKey : CngKeyCreationOptions.None,
            ExportPolicy = CngExportPolicies.None,
            KeyUsage = CngKeyUsages.Signing,
        });
        return new ECDsaCng(key);
    });

    private static CngProvider Provider => CngProvider.MicrosoftSoftwareKeyStorageProvider;

    private static string WindowsName(AgentId agent) => $"weir-agent-{agent}";
}
