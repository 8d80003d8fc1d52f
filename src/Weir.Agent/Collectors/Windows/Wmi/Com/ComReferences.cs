namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>How many COM objects are held, so that one that is not given back can be seen.</summary>
internal static class ComReferences
{
    private static int _held;

    /// <summary>Objects that are held now.</summary>
    public static int Held => Volatile.Read(ref _held);

    /// <summary>Counts one that was taken.</summary>
    public static void Opened() => Interlocked.Increment(ref _held);

    /// <summary>Counts one that was given back.</summary>
    public static void Closed() => Interlocked.Decrement(ref _held);
}
