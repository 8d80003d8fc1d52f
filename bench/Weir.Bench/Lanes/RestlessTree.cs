using System.Globalization;

namespace Weir.Bench.Lanes;

/// <summary>A folder like /proc whose processes end between the listing and the opening: folders come and go all the time, and every tenth is listed and cannot be opened.</summary>
internal sealed class RestlessTree : IAsyncDisposable
{
    private const int Processes = 500;

    private readonly string _root;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Makes it; its processes come and go until it is disposed.</summary>
    public RestlessTree(string root)
    {
        _root = root;
        Directory.CreateDirectory(root);
        File.WriteAllText(Path.Combine(root, "stat"), "processes 100000\n");
        for (int pid = 1; pid <= Processes; pid++) Begin(pid);
        _running = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
    }

    /// <summary>Processes that have ended, and begun again.</summary>
    public long Changes { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private void Run()
    {
        // A fifth of a core at most: the machine is not what is tested.
        for (int pid = 1; !_stop.Token.WaitHandle.WaitOne(1); pid = (pid % Processes) + 1)
        {
            if (!IsGone(pid)) Directory.Delete(Of(pid), recursive: true);
            if (!IsGone(pid)) Begin(pid);
            Changes++;
        }
    }

    private void Begin(int pid)
    {
        if (IsGone(pid))
        {
            Directory.CreateSymbolicLink(Of(pid), Path.Combine(_root, "gone"));
            return;
        }

        Directory.CreateDirectory(Of(pid));
        File.WriteAllText(Path.Combine(Of(pid), "stat"), string.Create(CultureInfo.InvariantCulture, $"{pid} (sleeper) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 {pid} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"));
    }

    private static bool IsGone(int pid) => pid % 10 == 0;

    private string Of(int pid) => Path.Combine(_root, pid.ToString(CultureInfo.InvariantCulture));
}
