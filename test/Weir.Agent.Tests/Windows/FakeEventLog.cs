using System.Runtime.InteropServices;

namespace Weir.Agent.Tests.Windows;

/// <summary>The event log that the tests write (test/fakes/wevtapi). On a system that has one of its own its tests skip themselves.</summary>
internal static partial class FakeEventLog
{
    /// <summary>Error of a channel whose calls fail without one, as wine's do.</summary>
    public const uint Silent = 1;

    /// <summary>Handles that were not closed.</summary>
    public static int Handles => WeirFakeHandles();

    /// <summary>Subscriptions that were ever made.</summary>
    public static int Subscriptions => WeirFakeSubscriptions();

    /// <summary>Skips a test where the fake was not taken.</summary>
    public static void Require() => Assert.SkipUnless(
        NativeLibrary.TryLoad("wevtapi.dll", typeof(FakeEventLog).Assembly, null, out nint library) && NativeLibrary.TryGetExport(library, "WeirFakeHandles", out _),
        "needs the event log of test/fakes/wevtapi: run eng/publish win-tests and eng/wine tests");

    /// <summary>Makes a channel, or changes what its calls fail with; 0: they work.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeChannel", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void SetChannel(string name, uint error);

    /// <summary>Writes records; level 255: without one.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeRecords", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void Write(string channel, string provider, byte level, uint count);

    /// <summary>Writes a record that is refused beside others, or even alone.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeLarge", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void WriteLarge(string channel, string provider, byte level, [MarshalAs(UnmanagedType.Bool)] bool isGivenAlone);

    /// <summary>Writes a record with what its publisher says of it.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeMessage", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void WriteMessage(string channel, string provider, byte level, ushort id, string text);

    /// <summary>Gives up the oldest records of a channel.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeForget", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void Forget(string channel, uint count);

    /// <summary>Has the next call of a function fail: EvtCreateRenderContext or EvtUpdateBookmark.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeRefuse", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void Refuse(string function);

    /// <summary>The subscriptions that a channel has hear nothing any more, without an error.</summary>
    [LibraryImport("wevtapi.dll", EntryPoint = "WeirFakeDeafen", StringMarshalling = StringMarshalling.Utf16)]
    public static partial void Deafen(string channel);

    [LibraryImport("wevtapi.dll")]
    private static partial int WeirFakeHandles();

    [LibraryImport("wevtapi.dll")]
    private static partial int WeirFakeSubscriptions();
}
