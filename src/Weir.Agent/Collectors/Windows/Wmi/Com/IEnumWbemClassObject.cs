using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>IEnumWbemClassObject: the rows of a query, handed out in batches.</summary>
/// <remarks>The order is that of the table of functions, and all of it stands here: a slot too few calls another function. What is never called has its place and no parameters.</remarks>
[GeneratedComInterface(Options = ComInterfaceOptions.ComObjectWrapper)]
[Guid("027947e1-d731-11ce-a357-000000000001")]
internal unsafe partial interface IEnumWbemClassObject
{
    void Reset();

    [PreserveSig]
    int Next(int timeoutMs, uint count, void** objects, uint* returned);

    void NextAsync();

    void Clone();

    void Skip();
}
