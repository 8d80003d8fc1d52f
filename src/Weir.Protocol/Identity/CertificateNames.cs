using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Protocol.Identity;

/// <summary>Who a certificate speaks for: its one name of the kind URI. <c>docs/formats/identity.md</c> draws it.</summary>
public static class CertificateNames
{
    /// <summary>The name of every gateway and enrolment listener.</summary>
    public const string Gateway = "weir:gateway";

    /// <summary>Use of the key by agents: TLS client.</summary>
    public const string AgentUse = "1.3.6.1.5.5.7.3.2";

    /// <summary>Use of the key by gateways: TLS server.</summary>
    public const string GatewayUse = "1.3.6.1.5.5.7.3.1";

    /// <summary>Extension of a gateway's certificate: the certificate of the authority that issued it, DER.</summary>
    /// <remarks>TLS stacks leave the last of a chain out, and an agent that joins knows only the hash of that one's key.</remarks>
    public const string AuthorityExtension = "2.25.176437820183645512967034175389220164871";

    /// <summary>Extension of the certificate of an agent that has had other ids: a SEQUENCE of OCTET STRINGs of 16 bytes, oldest first.</summary>
    public const string FormerExtension = "2.25.134229784841040890128315553728624973046";

    /// <summary>Most former ids in a certificate.</summary>
    public const int MaxFormer = 8;

    /// <summary>Longest name of a tenant.</summary>
    public const int MaxTenantCharacters = 63;

    private const string AgentPrefix = "weir:agent:";
    private const string AlternativeNames = "2.5.29.17";
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The name of an agent.</summary>
    public static string OfAgent(string tenant, string agentId) => $"{AgentPrefix}{tenant}/{agentId}";

    /// <summary>Whether a text may name a tenant: 1 to 63 of a-z, 0-9, '.', '_', '-', the first a letter or digit.</summary>
    public static bool IsTenant(string text) =>
        text.Length is > 0 and <= MaxTenantCharacters && char.IsAsciiLetterOrDigit(text[0])
        && text.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '-');

    /// <summary>Tenant and agent id (32 hexadecimal digits) of an agent's certificate; null where it is none.</summary>
    public static (string Tenant, string AgentId)? AgentOf(X509Certificate2 certificate)
    {
        if (UriOf(certificate) is not { } name || !name.StartsWith(AgentPrefix, StringComparison.Ordinal)) return null;
        return name[AgentPrefix.Length..].Split('/') is [var tenant, var agent] && IsTenant(tenant) ? (tenant, agent) : null;
    }

    /// <summary>The extension that names former ids, of 32 hexadecimal digits each.</summary>
    public static X509Extension NameFormer(IEnumerable<string> agentIds)
    {
        var names = new AsnWriter(AsnEncodingRules.DER);
        using (names.PushSequence())
        {
            foreach (string agentId in agentIds) names.WriteOctetString(Convert.FromHexString(agentId));
        }

        return new X509Extension(FormerExtension, names.Encode(), critical: false);
    }

    /// <summary>The ids that an agent has had before, oldest first, as 32 hexadecimal digits each.</summary>
    public static IReadOnlyList<string> FormerOf(X509Certificate2 certificate)
    {
        if (certificate.Extensions[FormerExtension] is not { } extension) return [];
        try
        {
            var ids = new List<string>();
            AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData) ids.Add(Convert.ToHexStringLower(names.ReadOctetString()));
            return ids;
        }
        catch (AsnContentException)
        {
            return [];
        }
    }

    /// <summary>The one URI among a certificate's alternative names; null where there is none, or several.</summary>
    public static string? UriOf(X509Certificate2 certificate)
    {
        try
        {
            string? found = null;
            foreach (X509Extension extension in certificate.Extensions)
            {
                if (extension.Oid?.Value != AlternativeNames) continue;
                AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    if (!names.PeekTag().HasSameClassAndValue(UriTag))
                    {
                        names.ReadEncodedValue();
                        continue;
                    }

                    if (found is not null) return null;
                    found = names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
                }
            }

            return found;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return null;
        }
    }
}
