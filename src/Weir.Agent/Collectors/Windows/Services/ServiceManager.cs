using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The service control manager, opened to list services and for nothing else.</summary>
/// <remarks>
/// The handle stays open; where a call fails it is opened anew by the next. The rows point into a buffer of this object, which is valid until the next
/// call. One thread at a time.
/// </remarks>
internal sealed unsafe class ServiceManager : IDisposable
{
    private const int MoreData = 234;

    // The most that the manager fills in one call, and that a configuration has.
    private const uint MaxListBytes = 256 * 1024;
    private const int MaxConfigurationBytes = 8 * 1024;

    private readonly NativeBuffer _list = new();
    private readonly byte[] _configuration = new byte[MaxConfigurationBytes];
    private nint _manager;
    private uint _resume;

    /// <summary>Begins a new list.</summary>
    public void Begin() => _resume = 0;

    /// <summary>The next services of the list.</summary>
    /// <param name="more">Whether there are more.</param>
    /// <exception cref="UnauthorizedAccessException">The agent may not list services.</exception>
    /// <exception cref="Win32Exception">The list fails for another reason.</exception>
    public ReadOnlySpan<NativeMethods.ServiceRow> Next(out bool more)
    {
        Open();
        _list.Reserve(MaxListBytes);
        more = false;
        if (!NativeMethods.EnumServicesStatusExW(_manager, 0, NativeMethods.Win32Services, NativeMethods.AllServiceStates, _list.Pointer, _list.Length, out _, out uint count, ref _resume, null))
        {
            int error = Marshal.GetLastPInvokeError();
            if (error != MoreData || count == 0)
            {
                Close();
                throw new Win32Exception(error);
            }

            more = true;
        }

        return new ReadOnlySpan<NativeMethods.ServiceRow>(_list.Pointer, (int)count);
    }

    /// <summary>How a service starts; null where the agent may not know, or the service is gone.</summary>
    public uint? StartTypeOf(char* name)
    {
        nint service = NativeMethods.OpenServiceW(_manager, name, NativeMethods.QueryServiceConfiguration);
        if (service == 0) return null;
        try
        {
            fixed (byte* configuration = _configuration)
                return NativeMethods.QueryServiceConfigW(service, configuration, MaxConfigurationBytes, out _) ? ((NativeMethods.ServiceConfiguration*)configuration)->StartType : null;
        }
        finally
        {
            _ = NativeMethods.CloseServiceHandle(service);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _list.Dispose();
    }

    private void Open()
    {
        if (_manager != 0) return;
        _manager = NativeMethods.OpenSCManagerW(null, null, NativeMethods.EnumerateServices);
        if (_manager != 0) return;
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        throw error.NativeErrorCode == 5 ? new UnauthorizedAccessException(error.Message, error) : error;
    }

    private void Close()
    {
        if (_manager != 0) _ = NativeMethods.CloseServiceHandle(_manager);
        _manager = 0;
    }
}
