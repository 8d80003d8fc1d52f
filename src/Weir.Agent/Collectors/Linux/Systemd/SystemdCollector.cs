using System.Globalization;
using Weir.Agent.Collectors.Children;
using Weir.Agent.Collectors.Processes;

namespace Weir.Agent.Collectors.Linux.Systemd;

/// <summary>State and restarts of systemd's units, by <c>systemctl show</c>.</summary>
/// <remarks>
/// <para>
/// systemctl is run at each tick, with a deadline and bounded output: it needs no right, prints the same in all versions, and spares the agent a D-Bus client. It asks
/// systemd for every loaded unit's properties, which costs both of them some time: hence once a minute, and off by default.
/// </para>
/// <para>Where systemd does not run (a container, another init) it is not here, and there are no series. By itself it reports services; others are reported where the configuration includes them. A tick allocates: it starts a program.</para>
/// </remarks>
/// <param name="context">Which units are wanted.</param>
/// <param name="systemctl">The program.</param>
/// <param name="running">A directory that is there while systemd runs.</param>
internal sealed class SystemdCollector(CollectorContext context, string systemctl = "systemctl", string running = "/run/systemd/system") : ICollector
{
    /// <summary>How long systemctl may take: less than half a tick.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private const int MaxOutputBytes = 4 << 20;

    private readonly int[] _counts = new int[UnitTable.States.Length];
    private Unit[]? _units;
    private bool _saidBeyond;

    /// <inheritdoc/>
    public string Name => "systemd";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        if (!Directory.Exists(running))
        {
            if (columns.Count > 0) columns.Shape([]);
            _units = null;
            throw new DirectoryNotFoundException($"systemd does not run here: {running} is not there");
        }

        Unit[] units = UnitTable.Parse(Run().Bytes, context.Config.Names, out int beyond);
        if (units.Length == 0) throw new InvalidDataException("systemctl names no unit that is wanted");
        if (beyond > 0 && !_saidBeyond) ProcessLog.UnitsBeyond(context.Logger, beyond, UnitTable.MaxUnits);
        _saidBeyond |= beyond > 0;
        if (columns.Count == 0 || _units is null || !HasSameShape(units, _units)) Shape(columns, units);
        _units = units;
        Write(columns, units);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A program runs only within a tick.
    }

    private BoundedOutput Run()
    {
        // A new one each time: a program that was given up may still write into the last.
        var output = new BoundedOutput(MaxOutputBytes);
        string pattern = context.Config.Names.Include.Count == 0 ? "*.service" : "*";
        using ChildProgram program = ChildProgram.Start(systemctl, ["show", "--no-pager", "--property=Id,LoadState,ActiveState,NRestarts", pattern], output);
        if (!program.WaitForEnd(Deadline)) throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{systemctl} took more than {Deadline.TotalSeconds} s"));
        if (program.ExitCode is not 0 and var code) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{systemctl} ended with {code}: {program.Errors}"));
        if (output.IsCut) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{systemctl} printed more than {MaxOutputBytes} bytes"));
        return output;
    }

    private static bool HasSameShape(Unit[] a, Unit[] b)
    {
        if (a.Length != b.Length) return false;
        for (int i = 0; i < a.Length; i++)
            if (a[i].Name != b[i].Name || a[i].Restarts.HasValue != b[i].Restarts.HasValue) return false;
        return true;
    }

    private static void Shape(Columns columns, Unit[] units)
    {
        string[][] restarted = [.. units.Where(static unit => unit.Restarts.HasValue).Select(static unit => (string[])[unit.Name])];
        var parts = new List<SchemaPart>
        {
            new(Templates.UnitCount, [.. UnitTable.States.Select(static state => (string[])[state])]),
            new(Templates.UnitState, [.. units.Select(static unit => (string[])[unit.Name])]),
        };
        if (restarted.Length > 0) parts.Add(new SchemaPart(Templates.UnitRestarts, restarted));
        columns.Shape(parts);
    }

    private void Write(Columns columns, Unit[] units)
    {
        Array.Clear(_counts);
        int state = UnitTable.States.Length, restarts = state + units.Length;
        foreach (Unit unit in units)
        {
            _counts[unit.State]++;
            columns.Set(state++, unit.State);
            if (unit.Restarts is { } count) columns.Set(restarts++, count);
        }

        for (int i = 0; i < _counts.Length; i++) columns.Set(i, _counts[i]);
    }
}
