using System.Diagnostics;
using System.Runtime.InteropServices;
using Weir.Log;

namespace Weir.FaultHost.Files;

/// <summary>Counts the steps of a process and does what its points say. Thread-safe.</summary>
/// <param name="points">What happens where.</param>
/// <param name="mended">A file: once it is there, nothing happens any more. Null: as the points say.</param>
internal sealed partial class FaultPlan(IReadOnlyList<FaultPoint> points, string? mended)
{
    private const int SigKill = 9;
    private const int NoSpace = 28;
    private const int IoError = 5;
    private static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _taken = [];
    private readonly Dictionary<string, string> _renamed = [];
    private int _hasStruck;

    /// <summary>Takes a step on a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="operation">create, write, flush, cut, rename, delete or sync.</param>
    /// <param name="step">Does it; told whether to do half of it alone.</param>
    public void Take(string path, string operation, Action<bool> step)
    {
        string kind = KindOf(path);
        lock (_lock) _renamed[Path.GetDirectoryName(path) ?? ""] = kind;
        TakeNamed($"{kind}.{operation}", step);
    }

    /// <summary>Makes the names of a directory durable: a step of the file whose name changed last.</summary>
    public void Sync(string directory, Action step)
    {
        string kind;
        lock (_lock) kind = _renamed.GetValueOrDefault(directory, "directory");
        TakeNamed($"{kind}.sync", _ => step());
    }

    private static string KindOf(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".new", StringComparison.Ordinal)) name = name[..^".new".Length];
        if (name.EndsWith(".sum", StringComparison.Ordinal)) return "summary";
        if (name.EndsWith(".part", StringComparison.Ordinal)) return "part";
        if (!name.EndsWith(".seg", StringComparison.Ordinal)) return name.ToLowerInvariant();
        return path.Contains("/quarantine/", StringComparison.Ordinal) ? "quarantine" : "segment";
    }

    private void TakeNamed(string name, Action<bool> step)
    {
        int number;
        lock (_lock) number = _taken[name] = _taken.GetValueOrDefault(name) + 1;
        FaultPoint? point = points.FirstOrDefault(point => point.Step == name && number >= point.First && number <= point.Last);
        if (point is not null && File.Exists(mended)) point = null;
        if (point is not null && Interlocked.Exchange(ref _hasStruck, 1) == 0) System.Console.WriteLine("the first fault strikes");
        switch (point?.When)
        {
            case FaultWhen.Before:
                Kill();
                return;
            case FaultWhen.Torn:
                step(true);
                Kill();
                return;
            case FaultWhen.Full:
                throw Failure(NoSpace, "No space left on device");
            case FaultWhen.Error:
                throw Failure(IoError, "Input/output error");
            case FaultWhen.Slow:
                using (var never = new ManualResetEventSlim()) never.Wait(Slowness);
                break;
        }

        step(false);
        if (point?.When == FaultWhen.After) Kill();
    }

    private static IOException Failure(int error, string message) => new(message, error);

    // As the kernel does it: nothing is flushed, no handler runs.
    private static void Kill()
    {
        _ = SendSignal(Environment.ProcessId, SigKill);
        throw new UnreachableException();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
