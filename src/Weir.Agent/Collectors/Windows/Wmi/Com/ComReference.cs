using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>One COM object behind a generated interface, released when disposed.</summary>
/// <remarks>The wrapper is this reference's own, never shared and never left to a finalizer: its release happens on the thread that used it, and at once.</remarks>
internal sealed class ComReference<T> : IDisposable
    where T : class
{
    private static readonly StrategyBasedComWrappers Wrappers = new();

    private readonly ComObject _wrapper;

    private ComReference(ComObject wrapper)
    {
        _wrapper = wrapper;
        Object = (T)(object)wrapper;
        ComReferences.Opened();
    }

    /// <summary>The object.</summary>
    public T Object { get; }

    /// <summary>Takes a reference over from its owner, also where it throws.</summary>
    /// <param name="pointer">The object; the reference counted in it is given up.</param>
    public static unsafe ComReference<T> Take(void* pointer)
    {
        var wrapper = (ComObject)Wrappers.GetOrCreateObjectForComInstance((nint)pointer, CreateObjectFlags.UniqueInstance);
        Marshal.Release((nint)pointer);
        try
        {
            return new ComReference<T>(wrapper);
        }
        catch (InvalidCastException)
        {
            wrapper.FinalRelease();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _wrapper.FinalRelease();
        ComReferences.Closed();
    }
}
