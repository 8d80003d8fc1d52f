using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Pdh;

/// <summary>Whether the pdh.dll of this process may be called.</summary>
/// <remarks>
/// Wine's own exports PdhGetRawCounterArrayW and others as stubs: looking them up succeeds, calling one raises an exception that hangs the process. So under
/// wine only a library with the marker <c>WeirFakePdh</c>, that of the tests, is called.
/// </remarks>
internal static class PdhLibrary
{
    private static readonly Lazy<string?> Objection = new(FindObjection);

    /// <summary>Throws where it may not.</summary>
    /// <exception cref="PlatformNotSupportedException">With the reason.</exception>
    public static void Require()
    {
        if (Objection.Value is { } objection) throw new PlatformNotSupportedException(objection);
    }

    private static string? FindObjection()
    {
        if (!NativeLibrary.TryLoad("pdh.dll", typeof(PdhLibrary).Assembly, null, out nint pdh)) return "pdh.dll is not on this system";
        bool isWine = NativeLibrary.TryLoad("ntdll.dll", out nint ntdll) && NativeLibrary.TryGetExport(ntdll, "wine_get_version", out _);
        return isWine && !NativeLibrary.TryGetExport(pdh, "WeirFakePdh", out _) ? "this is wine, and its pdh.dll has no counters" : null;
    }
}
