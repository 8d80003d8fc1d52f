using System.Text;
using Weir.Agent.Collection;
using Weir.Agent.Collectors;
using Weir.Agent.Configuration;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors;

/// <summary>Written kernel files, and what collectors make of them.</summary>
internal sealed class LinuxTree : IDisposable
{
    private const string Memory = "/dev/shm";

    // In memory where the system has such a place: the tests write thousands of small files.
    private readonly string _root = Directory.CreateDirectory(Path.Combine(Directory.Exists(Memory) ? Memory : Path.GetTempPath(), $"weir-proc-{Path.GetRandomFileName()}")).FullName;

    /// <summary>The roots that collectors are given.</summary>
    public LinuxRoots Roots => new(Path.Combine(_root, "proc"), Path.Combine(_root, "sys"));

    /// <summary>Where a file of the tree is.</summary>
    public string PathOf(string path) => Path.Combine(_root, path);

    /// <summary>Writes a file in UTF-8.</summary>
    public void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a file in place, so that who holds it open sees it.</summary>
    public void Write(string path, byte[] bytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        using var file = new FileStream(PathOf(path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(0);
        file.Write(bytes);
    }

    /// <summary>Puts a directory in a file's place: opening it is denied, to root too.</summary>
    public void Deny(string path)
    {
        if (File.Exists(PathOf(path))) File.Delete(PathOf(path));
        Directory.CreateDirectory(PathOf(path));
    }

    /// <summary>What a collector is made with.</summary>
    public CollectorContext Context(NamePatterns? names = null, TimeProvider? time = null) =>
        new(Roots, time ?? TimeProvider.System, new CollectorConfig { Names = names ?? NamePatterns.None });

    /// <summary>The catalogue's collector of a name, bare.</summary>
    public ICollector Make(string name, NamePatterns? names = null, TimeProvider? time = null) =>
        Assert.Single(CollectorCatalog.All.Single(info => info.Name == name).Linux).Create(Context(names, time));

    /// <summary>Runs a tick.</summary>
    public static void Tick(ICollector collector, Columns columns)
    {
        columns.Clear();
        collector.Collect(columns);
    }

    /// <summary>One tick of a new collector.</summary>
    public Dictionary<string, double> Collect(string name, NamePatterns? names = null)
    {
        using ICollector collector = Make(name, names);
        var columns = new Columns();
        Tick(collector, columns);
        return Values(columns);
    }

    /// <summary>The values of a tick, by <c>metric{attribute values}</c>.</summary>
    public static Dictionary<string, double> Values(Columns columns) =>
        Series(columns).Where(series => columns.States[series.Index] == Columns.Present).ToDictionary(static series => series.Name, series => columns.Values[series.Index]);

    /// <summary>The series that failed, and why.</summary>
    public static Dictionary<string, FailureReason> Failures(Columns columns) =>
        Series(columns).Where(series => Columns.ReasonOf(columns.States[series.Index]) is not null).ToDictionary(static series => series.Name, series => Columns.ReasonOf(columns.States[series.Index])!.Value);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static IEnumerable<(int Index, string Name)> Series(Columns columns)
    {
        if (columns.Count == 0) yield break;
        var schema = new Schema(columns.Parts);
        for (int s = 0; s < schema.SeriesCount; s++)
            yield return (s, $"{schema.MetricOf(s).Name}{{{string.Join(',', schema.AttributesOf(s).Select(static a => a.Value))}}}");
    }
}
