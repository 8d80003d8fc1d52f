using Weir.Agent.Collectors.Windows.Wmi.Com;

namespace Weir.Agent.Collectors.Windows.Wmi;

/// <summary>WMI of this machine through IWbemServices. Reads only.</summary>
/// <remarks>
/// COM is initialised once for the thread's whole life: older servers leak with each time. A namespace stays open once it was asked, and is opened anew where the
/// service was restarted. Queries are semisynchronous and forward-only, and their rows are taken in slices of time, so that the deadline is seen between
/// two calls; a call that ignores its own time (wine's do) is its thread's trouble. Every object, text and variant is freed at once.
/// </remarks>
internal sealed unsafe class WmiConnection : IWmiConnection
{
    private const int MaxNamespaces = 32;
    private const int BatchRows = 32;
    private const int SliceMs = 500;

    // Gives up after two minutes where the service does not answer; without it the call may wait for ever.
    private const int ConnectUsesMaxWait = 0x80;
    private const int ForwardOnlyReturnImmediately = 0x20 | 0x10;
    private const int LastRowSeen = 1;

    private static readonly Guid LocatorClass = new("4590f811-1d3a-11d0-891f-00aa004b2e24");
    private static readonly Guid LocatorInterface = typeof(IWbemLocator).GUID;

    private readonly Dictionary<string, ComReference<IWbemServices>> _open = new(StringComparer.OrdinalIgnoreCase);
    private readonly ComReference<IWbemLocator> _locator;

    private WmiConnection(ComReference<IWbemLocator> locator) => _locator = locator;

    /// <summary>Prepares the calling thread, which must be the one that asks.</summary>
    /// <exception cref="SourceException">There is no WMI.</exception>
    public static IWmiConnection Open()
    {
        int result = ComNativeMethods.CoInitializeEx(null, ComNativeMethods.MultiThreaded);
        if (result < 0) throw new SourceException(FailureReason.Error, $"COM cannot be initialised (0x{result:X8})");
        void* locator = null;
        fixed (Guid* classId = &LocatorClass, interfaceId = &LocatorInterface)
            result = ComNativeMethods.CoCreateInstance(classId, null, ComNativeMethods.InProcess, interfaceId, &locator);
        if (result >= 0) return new WmiConnection(ComReference<IWbemLocator>.Take(locator));
        ComNativeMethods.CoUninitialize();
        throw new SourceException(FailureReason.NotHere, $"WMI is not installed (0x{result:X8})");
    }

    /// <inheritdoc/>
    public IReadOnlyList<WmiValue[]> Run(WmiQuery query, WmiDeadline deadline)
    {
        bool wasOpen = _open.ContainsKey(query.Namespace);
        var rows = new List<WmiValue[]>();
        int result = TryRun(query, deadline, rows);
        if (WmiFailure.IsDisconnect(result))
        {
            Close(query.Namespace);
            rows.Clear();
            if (wasOpen) result = TryRun(query, deadline, rows);
        }

        return result >= 0 ? rows : throw WmiFailure.Of(result, query);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string each in _open.Keys.ToArray()) Close(each);
        _locator.Dispose();
        ComNativeMethods.CoUninitialize();
    }

    private int TryRun(WmiQuery query, WmiDeadline deadline, List<WmiValue[]> rows)
    {
        int result = TryOpen(query.Namespace, out IWbemServices? services);
        if (services is null) return result;
        using var language = new BStr("WQL");
        using var text = new BStr(query.Text);
        void* pointer = null;
        result = services.ExecQuery(language.Pointer, text.Pointer, ForwardOnlyReturnImmediately, null, &pointer);
        if (result < 0) return result;
        Authenticate(pointer);
        using var answer = ComReference<IEnumWbemClassObject>.Take(pointer);
        return Read(answer.Object, query, deadline, rows);
    }

    private int TryOpen(string nameSpace, out IWbemServices? services)
    {
        services = null;
        if (_open.TryGetValue(nameSpace, out ComReference<IWbemServices>? open))
        {
            services = open.Object;
            return 0;
        }

        if (_open.Count == MaxNamespaces) Close(_open.Keys.First());
        using var resource = new BStr(nameSpace);
        void* pointer = null;
        int result = _locator.Object.ConnectServer(resource.Pointer, null, null, null, ConnectUsesMaxWait, null, null, &pointer);
        if (result < 0) return result;
        Authenticate(pointer);
        open = ComReference<IWbemServices>.Take(pointer);
        _open.Add(nameSpace, open);
        services = open.Object;
        return 0;
    }

    private void Close(string nameSpace)
    {
        if (_open.Remove(nameSpace, out ComReference<IWbemServices>? open)) open.Dispose();
    }

    private static int Read(IEnumWbemClassObject answer, WmiQuery query, WmiDeadline deadline, List<WmiValue[]> rows)
    {
        void** batch = stackalloc void*[BatchRows];
        while (true)
        {
            deadline.ThrowIfOver(query);
            uint count = 0;
            int result = answer.Next(SliceMs, BatchRows, batch, &count);
            Take(batch, (int)count, query, rows);
            if (result < 0) return result;
            if (result == LastRowSeen) return 0;
        }
    }

    // All of the batch is released, also where a row cannot be read.
    private static void Take(void** batch, int count, WmiQuery query, List<WmiValue[]> rows)
    {
        var taken = new ComReference<IWbemClassObject>[count];
        for (int row = 0; row < count; row++) taken[row] = ComReference<IWbemClassObject>.Take(batch[row]);
        try
        {
            foreach (ComReference<IWbemClassObject> row in taken)
            {
                if (rows.Count == query.MaxRows) throw new SourceException(FailureReason.Error, $"'{query.Text}' has more than {query.MaxRows} rows: narrow it with a condition");
                rows.Add(ReadRow(row.Object, query));
            }
        }
        finally
        {
            foreach (ComReference<IWbemClassObject> row in taken) row.Dispose();
        }
    }

    private static WmiValue[] ReadRow(IWbemClassObject row, WmiQuery query)
    {
        var values = new WmiValue[query.Properties.Count];
        for (int property = 0; property < values.Length; property++)
        {
            Variant variant = default;
            int cimType = 0, result;
            fixed (char* name = query.Properties[property]) result = row.Get(name, 0, &variant, &cimType, null);
            if (result < 0) throw new SourceException(FailureReason.NotHere, $"class {query.ClassName} in {query.Namespace} has no property {query.Properties[property]} (0x{result:X8})");
            try
            {
                values[property] = WmiValueReader.Read(variant, cimType);
            }
            finally
            {
                _ = ComNativeMethods.VariantClear(&variant);
            }
        }

        return values;
    }

    // The service acts in the name of the agent's account, without which it sees nothing. Objects within the process have no proxy and refuse: they need none.
    private static void Authenticate(void* proxy) =>
        _ = ComNativeMethods.CoSetProxyBlanket(proxy, ComNativeMethods.AuthenticationWinNt, 0, null, ComNativeMethods.AuthenticationPerCall, ComNativeMethods.Impersonate, null, 0);
}
