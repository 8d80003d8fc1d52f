using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>IWbemServices: a namespace that is open. Only queries are asked of it: nothing is ever written.</summary>
/// <remarks>The order is that of the table of functions, and all of it stands here: a slot too few calls another function. What is never called has its place and no parameters.</remarks>
[GeneratedComInterface(Options = ComInterfaceOptions.ComObjectWrapper)]
[Guid("9556dc99-828c-11cf-a37e-00aa003240c7")]
internal unsafe partial interface IWbemServices
{
    void OpenNamespace();

    void CancelAsyncCall();

    void QueryObjectSink();

    void GetObject();

    void GetObjectAsync();

    void PutClass();

    void PutClassAsync();

    void DeleteClass();

    void DeleteClassAsync();

    void CreateClassEnum();

    void CreateClassEnumAsync();

    void PutInstance();

    void PutInstanceAsync();

    void DeleteInstance();

    void DeleteInstanceAsync();

    void CreateInstanceEnum();

    void CreateInstanceEnumAsync();

    [PreserveSig]
    int ExecQuery(char* language, char* query, int flags, void* context, void** rows);

    void ExecQueryAsync();

    void ExecNotificationQuery();

    void ExecNotificationQueryAsync();

    void ExecMethod();

    void ExecMethodAsync();
}
