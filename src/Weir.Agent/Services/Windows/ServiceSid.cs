using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weir.Agent.Services.Windows;

/// <summary>The SID that Windows gives a service: it follows from the name alone, so that rights can be given before the service exists.</summary>
internal static class ServiceSid
{
    /// <summary><c>S-1-5-80-…</c> of a service's name: SHA-1 of the name in capitals as UTF-16, as five numbers.</summary>
    public static string Of(string serviceName)
    {
#pragma warning disable CA5350 // not for security: the system derives the SID so
        byte[] hash = SHA1.HashData(Encoding.Unicode.GetBytes(serviceName.ToUpperInvariant()));
#pragma warning restore CA5350 // ends the above
        var sid = new StringBuilder("S-1-5-80");
        for (int at = 0; at < hash.Length; at += 4) sid.Append(CultureInfo.InvariantCulture, $"-{BinaryPrimitives.ReadUInt32LittleEndian(hash.AsSpan(at))}");
        return sid.ToString();
    }
}
