using System.Runtime.InteropServices;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows;

/// <summary>State and start type of services, and how many services are in which state, from the service control manager.</summary>
/// <remarks>
/// By itself it reports those that start automatically; patterns name services by their key. Copies of services that are made at each logon are left
/// out, since their names never come again. The state is the system's number: 1 stopped, 2 starting, 3 stopping, 4 running, 5 continuing, 6 pausing, 7
/// paused. So is the start type: 0 boot, 1 system, 2 automatic, 3 on demand, 4 disabled; a service that does not tell the agent has none. Start types are asked again where
/// services came or went, and every ten minutes. The numbers by state are of all services; at most 2,000 are reported one by one, the first ones of the manager's list.
/// </remarks>
internal sealed unsafe class WindowsServiceCollector(CollectorContext context) : ICollector
{
    private static readonly string[] States = ["stopped", "start_pending", "stop_pending", "running", "continue_pending", "pause_pending", "paused"];
    private static readonly TimeSpan ConfigurationAge = TimeSpan.FromMinutes(10);

    private const int MaxReported = 2_000;

    private readonly ServiceManager _manager = new();
    private readonly NamePatterns _names = context.Config.Names;
    private readonly int[] _counts = new int[States.Length];
    private List<ServiceInfo> _services = [];
    private uint[] _startTypes = [];
    private int _at;
    private long _learnedAt;

    /// <inheritdoc/>
    public string Name => "services";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        bool isFresh = _services.Count > 0 && context.Time.GetElapsedTime(_learnedAt) < ConfigurationAge;
        if (isFresh && Walk(columns)) return;
        Learn(columns);
        Walk(columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _manager.Dispose();

    private bool Walk(Columns columns)
    {
        _at = 0;
        Array.Clear(_counts);
        _manager.Begin();
        bool more;
        do
        {
            foreach (ref readonly NativeMethods.ServiceRow row in _manager.Next(out more))
                if (!Take(row, columns)) return false;
        }
        while (more);
        int countsAt = columns.Count - States.Length, startTypesAt = countsAt - _startTypes.Length;
        for (int i = 0; i < _startTypes.Length; i++) columns.Set(startTypesAt + i, _startTypes[i]);
        for (int state = 0; state < States.Length; state++) columns.Set(countsAt + state, _counts[state]);
        return _at == _services.Count;
    }

    private bool Take(in NativeMethods.ServiceRow row, Columns columns)
    {
        if (_at == _services.Count || !Text(row.Name).SequenceEqual(_services[_at].Name)) return false;
        ServiceInfo service = _services[_at++];
        if (row.State >= 1 && row.State <= States.Length) _counts[row.State - 1]++;
        if (service.Index >= 0) columns.Set(service.Index, row.State);
        return true;
    }

    private void Learn(Columns columns)
    {
        var services = new List<ServiceInfo>();
        int reported = 0;
        _manager.Begin();
        bool more;
        do
        {
            foreach (ref readonly NativeMethods.ServiceRow row in _manager.Next(out more))
            {
                string name = Text(row.Name).ToString();
                uint? startType = _manager.StartTypeOf(row.Name);
                bool isReported = reported < MaxReported && (_names.Says(name) ?? ServiceInfo.IsReported(row.Type, startType));
                services.Add(new ServiceInfo(name, startType, isReported ? reported++ : -1));
            }
        }
        while (more);
        _learnedAt = context.Time.GetTimestamp();
        if (columns.Count > 0 && services.SequenceEqual(_services)) return;
        Shape(services, columns);
        _services = services;
    }

    private void Shape(List<ServiceInfo> services, Columns columns)
    {
        ServiceInfo[] reported = [.. services.Where(static service => service.Index >= 0)], known = [.. reported.Where(static service => service.StartType is not null)];
        var parts = new List<SchemaPart>();
        if (reported.Length > 0) parts.Add(new SchemaPart(Templates.WindowsServiceState, NamesOf(reported)));
        if (known.Length > 0) parts.Add(new SchemaPart(Templates.WindowsServiceStartType, NamesOf(known)));
        parts.Add(new SchemaPart(Templates.WindowsServiceCount, [.. States.Select(static state => (string[])[state])]));
        columns.Shape(parts);
        _startTypes = [.. known.Select(static service => service.StartType!.Value)];
    }

    private static string[][] NamesOf(ServiceInfo[] services) => [.. services.Select(static service => (string[])[service.Name])];

    private static ReadOnlySpan<char> Text(char* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
}
