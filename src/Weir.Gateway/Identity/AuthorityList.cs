using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>The authorities of a server, files <c>ca/N.pem</c>: the newest issues, all that are not long over are believed.</summary>
/// <remarks>
/// Overlap: a new authority issues agents' certificates at once, and agents hear of it whenever they enrol or renew; gateways show certificates of it only
/// when everybody who may still renew has heard. Files may come while the server runs. Thread-safe.
/// </remarks>
internal sealed class AuthorityList
{
    private const int MaxFileBytes = 16 * 1024;
    private const string Suffix = ".pem";

    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly IdentityOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private volatile CertificateAuthority[] _all = [];

    /// <summary>Reads the authorities, and makes the first one where there is none.</summary>
    /// <exception cref="IdentityException">A file is damaged.</exception>
    public AuthorityList(IFileSystem files, string directory, IdentityOptions options, TimeProvider time)
    {
        _files = files;
        _directory = directory;
        _options = options;
        _time = time;
        Refresh();
    }

    /// <summary>All of them, oldest first.</summary>
    public IReadOnlyList<CertificateAuthority> All => _all;

    /// <summary>The one that issues agents' certificates.</summary>
    public CertificateAuthority Issuing => _all[^1];

    /// <summary>The one that gateways show a certificate of.</summary>
    public CertificateAuthority Presenting
    {
        get
        {
            DateTimeOffset now = _time.GetUtcNow();
            return _all.LastOrDefault(authority => authority.From + _options.AuthorityOverlap <= now && authority.Until > now) ?? _all.FirstOrDefault(authority => authority.From <= now && authority.Until > now) ?? Issuing;
        }
    }

    /// <summary>Those that agents are told to believe: the one that gateways show, and the newest, as many as agents take.</summary>
    public IEnumerable<CertificateAuthority> Told
    {
        get
        {
            CertificateAuthority presenting = Presenting;
            return _all.Where(authority => authority.Number > presenting.Number).TakeLast(CertificateTrust.MaxAuthorities - 1).Prepend(presenting);
        }
    }

    /// <summary>Those whose agents are believed, or may renew.</summary>
    public X509Certificate2Collection Trusted
    {
        get
        {
            DateTimeOffset since = _time.GetUtcNow() - _options.RenewalGrace;
            return [.. _all.Where(authority => authority.Until >= since).Select(static authority => authority.Public)];
        }
    }

    /// <summary>Reads what has come or was replaced, and makes a successor where the newest comes to its end, or begins in the future: a clock was far ahead when it was made.</summary>
    /// <returns>Whether there are others than before.</returns>
    public bool Refresh()
    {
        lock (_gate)
        {
            CertificateAuthority[] before = _all;
            Read();
            if (_all.Length == 0 || Issuing.Until - _options.AuthorityRenewal <= _time.GetUtcNow() || Issuing.From > _time.GetUtcNow()) Make();
            return !ReferenceEquals(_all, before);
        }
    }

    /// <summary>Makes a successor now.</summary>
    /// <returns>The new one.</returns>
    public CertificateAuthority Rotate()
    {
        lock (_gate)
        {
            Read();
            Make();
            return Issuing;
        }
    }

    private void Make()
    {
        int number = _all.Length == 0 ? 1 : Issuing.Number + 1;
        byte[] content = CertificateAuthority.Make(number, _time.GetUtcNow() - _options.ClockTolerance, _options.AuthorityLifetime);
        _files.Replace(_directory, number.ToString(CultureInfo.InvariantCulture) + Suffix, content);
        CryptographicOperations.ZeroMemory(content);
        // What counts is what stands on the disk: a command may have made one at the same moment.
        Read();
    }

    private void Read()
    {
        int[] numbers = [.. _files.ListFiles(_directory).Select(NumberOf).Where(static number => number > 0).Order()];
        CertificateAuthority[] known = _all, found = [.. numbers.Select(number => Load(number, known))];
        if (!found.SequenceEqual(known)) _all = found;
    }

    private CertificateAuthority Load(int number, CertificateAuthority[] known)
    {
        string path = Path.Combine(_directory, number.ToString(CultureInfo.InvariantCulture) + Suffix);
        var bytes = new byte[MaxFileBytes];
        try
        {
            using IFile file = _files.Open(path, write: false);
            int length = file.Read(0, bytes);
            byte[] hash = SHA256.HashData(bytes.AsSpan(0, length));
            return Array.Find(known, each => each.Number == number && each.FileHash.AsSpan().SequenceEqual(hash)) ?? CertificateAuthority.Load(number, hash, Encoding.ASCII.GetString(bytes, 0, length));
        }
        catch (CryptographicException e)
        {
            throw new IdentityException(path, $"{path} is damaged: restore it from a copy; without it the agents that it enrolled must join again", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static int NumberOf(string name) =>
        name.EndsWith(Suffix, StringComparison.Ordinal) && int.TryParse(name[..^Suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
