using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>IWbemLocator: opens a namespace. Texts are BSTRs; the caller owns what comes back.</summary>
[GeneratedComInterface(Options = ComInterfaceOptions.ComObjectWrapper)]
[Guid("dc12a687-737f-11cf-884d-00aa004b2e24")]
internal unsafe partial interface IWbemLocator
{
    [PreserveSig]
    int ConnectServer(char* networkResource, char* user, char* password, char* locale, int securityFlags, char* authority, void* context, void** services);
}
