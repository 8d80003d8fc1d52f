using Weir.Agent.Collectors.Windows.Wmi;

namespace Weir.Agent.Tests.Collectors.Windows.Wmi;

/// <summary>WMI whose answers the test gives: a class may hang until it is released, or fail.</summary>
internal sealed class ScriptedWmi : IDisposable
{
    private readonly Dictionary<string, ManualResetEventSlim> _hanging = [];
    private readonly SemaphoreSlim _entered = new(0);
    private int _opened;
    private int _closed;

    /// <summary>What a class answers; one row with one number where nothing is said.</summary>
    public Dictionary<string, Func<IReadOnlyList<WmiValue[]>>> Answers { get; } = [];

    /// <summary>Connections that were made.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Connections that were closed.</summary>
    public int Closed => Volatile.Read(ref _closed);

    /// <summary>Lets a class hang.</summary>
    public void Hang(string className) => _hanging[className] = new ManualResetEventSlim();

    /// <summary>Lets its queries return.</summary>
    public void Release(string className) => _hanging[className].Set();

    /// <summary>Waits until a query hangs that was not waited for before.</summary>
    public Task HangsAsync() => _entered.WaitAsync(TestContext.Current.CancellationToken);

    public IWmiConnection Open()
    {
        Interlocked.Increment(ref _opened);
        return new Connection(this);
    }

    public void Dispose()
    {
        foreach (ManualResetEventSlim each in _hanging.Values) each.Set();
    }

    private sealed class Connection(ScriptedWmi script) : IWmiConnection
    {
        public IReadOnlyList<WmiValue[]> Run(WmiQuery query, WmiDeadline deadline)
        {
            if (script._hanging.TryGetValue(query.ClassName, out ManualResetEventSlim? released) && !released.IsSet)
            {
                script._entered.Release();
                released.Wait();
            }

            return script.Answers.TryGetValue(query.ClassName, out Func<IReadOnlyList<WmiValue[]>>? answer) ? answer() : [[WmiValue.Of(1)]];
        }

        public void Dispose() => Interlocked.Increment(ref script._closed);
    }
}
