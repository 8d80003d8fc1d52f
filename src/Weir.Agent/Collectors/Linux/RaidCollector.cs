namespace Weir.Agent.Collectors.Linux;

/// <summary>The disks of each software RAID, by state, from /proc/mdstat.</summary>
/// <remarks>
/// <c>required</c> and <c>active</c> are what the array wants and has; where its level has no redundancy both are its working members. <c>failed</c> and <c>spare</c>
/// are marked members. Not here where the module was never loaded.
/// </remarks>
internal sealed class RaidCollector(LinuxRoots roots) : ICollector
{
    private static readonly string[] States = ["required", "active", "failed", "spare"];

    private readonly ProcFile _mdstat = new(Path.Combine(roots.Proc, "mdstat"));
    private readonly DeviceTable _arrays = new(static _ => DeviceUse.Always);

    /// <inheritdoc/>
    public string Name => "raid";

    /// <inheritdoc/>
    public void Collect(Columns columns)
    {
        ReadOnlySpan<byte> text = _mdstat.Read();
        if (Walk(text, columns)) return;
        _arrays.Clear();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
            if (TryName(ref line, out ReadOnlySpan<byte> name)) _arrays.Learn(name, active: true);
        string[] names = [.. _arrays.Reported];
        columns.Shape(
            names.Length == 0 ? [] :
            [
                new SchemaPart(Templates.RaidDisks, [.. names.SelectMany(static name => States.Select(state => (string[])[name, state]))]),
                new SchemaPart(Templates.RaidActive, [.. names.Select(static name => (string[])[name])]),
            ]);
        Walk(text, columns);
    }

    /// <inheritdoc/>
    public void Dispose() => _mdstat.Dispose();

    private bool Walk(ReadOnlySpan<byte> text, Columns columns)
    {
        _arrays.Begin();
        var lines = new ProcText(text);
        while (lines.TryLine(out ProcText line))
        {
            if (!TryName(ref line, out ReadOnlySpan<byte> name) || _arrays.Next(name, active: true) is not (>= 0 and var array)) continue;
            bool isActive = line.Word().SequenceEqual("active"u8);
            int working = 0, failed = 0, spare = 0;
            while (line.Word() is { IsEmpty: false } word)
            {
                if (!word.Contains((byte)'[')) continue;
                if (word.IndexOf("(F)"u8) >= 0) failed++;
                else if (word.IndexOf("(S)"u8) >= 0) spare++;
                else working++;
            }

            double required = working, active = working;
            if (lines.TryLine(out ProcText detail)) TakeCounts(ref detail, ref required, ref active);
            int at = array * States.Length;
            columns.Set(at, required);
            columns.Set(at + 1, active);
            columns.Set(at + 2, failed);
            columns.Set(at + 3, spare);
            columns.Set((_arrays.Reported.Count * States.Length) + array, isActive ? 1 : 0);
        }

        return _arrays.End();
    }

    // md0 : active raid1 sdb1[1] sda1[0](F)
    private static bool TryName(ref ProcText line, out ReadOnlySpan<byte> name)
    {
        name = line.Word();
        return name.StartsWith("md"u8) && line.Word().SequenceEqual(":"u8);
    }

    // 248896 blocks super 1.2 [2/1] [U_]
    private static void TakeCounts(ref ProcText line, ref double required, ref double active)
    {
        while (line.Word() is { IsEmpty: false } word)
        {
            if (word[0] != '[' || word[^1] != ']') continue;
            int slash = word.IndexOf((byte)'/');
            if (slash < 0) continue;
            ProcText wants = new(word[1..slash]), has = new(word[(slash + 1)..^1]);
            double wanted = wants.Number(), had = has.Number();
            if (wants.IsMalformed || has.IsMalformed) continue;
            required = wanted;
            active = had;
            return;
        }
    }
}
