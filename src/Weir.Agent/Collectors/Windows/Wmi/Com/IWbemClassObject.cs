using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>IWbemClassObject: a row. <c>Get</c> gives a property; the caller clears the variant.</summary>
/// <remarks>The order is that of the table of functions, and all of it stands here: a slot too few calls another function. What is never called has its place and no parameters.</remarks>
[GeneratedComInterface(Options = ComInterfaceOptions.ComObjectWrapper)]
[Guid("dc12a681-737f-11cf-884d-00aa004b2e24")]
internal unsafe partial interface IWbemClassObject
{
    void GetQualifierSet();

    [PreserveSig]
    int Get(char* name, int flags, Variant* value, int* cimType, int* flavor);

    void Put();

    void Delete();

    void GetNames();

    void BeginEnumeration();

    void Next();

    void EndEnumeration();

    void GetPropertyQualifierSet();

    void Clone();

    void GetObjectText();

    void SpawnDerivedClass();

    void SpawnInstance();

    void CompareTo();

    void GetPropertyOrigin();

    void InheritsFrom();

    void GetMethod();

    void PutMethod();

    void DeleteMethod();

    void BeginMethodEnumeration();

    void NextMethod();

    void EndMethodEnumeration();

    void GetMethodQualifierSet();

    void GetMethodOrigin();
}
