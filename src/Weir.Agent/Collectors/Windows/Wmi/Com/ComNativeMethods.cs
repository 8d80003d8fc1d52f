using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>The functions of COM itself. All answer an HRESULT unless they say otherwise.</summary>
internal static unsafe partial class ComNativeMethods
{
    /// <summary>COINIT_MULTITHREADED.</summary>
    public const uint MultiThreaded = 0;

    /// <summary>CLSCTX_INPROC_SERVER.</summary>
    public const uint InProcess = 1;

    /// <summary>RPC_C_AUTHN_WINNT.</summary>
    public const uint AuthenticationWinNt = 10;

    /// <summary>RPC_C_AUTHN_LEVEL_CALL.</summary>
    public const uint AuthenticationPerCall = 3;

    /// <summary>RPC_C_IMP_LEVEL_IMPERSONATE.</summary>
    public const uint Impersonate = 3;

    [LibraryImport("ole32.dll")]
    public static partial int CoInitializeEx(void* reserved, uint apartment);

    [LibraryImport("ole32.dll")]
    public static partial void CoUninitialize();

    [LibraryImport("ole32.dll")]
    public static partial int CoCreateInstance(Guid* classId, void* outer, uint context, Guid* interfaceId, void** instance);

    [LibraryImport("ole32.dll")]
    public static partial int CoSetProxyBlanket(void* proxy, uint authentication, uint authorization, char* serverName, uint authenticationLevel, uint impersonationLevel, void* identity, uint capabilities);

    [LibraryImport("oleaut32.dll")]
    public static partial int VariantClear(Variant* variant);

    /// <summary>Null where there is no memory.</summary>
    [LibraryImport("oleaut32.dll")]
    public static partial char* SysAllocStringLen(char* text, uint length);

    [LibraryImport("oleaut32.dll")]
    public static partial void SysFreeString(char* text);
}
