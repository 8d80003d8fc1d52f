namespace Weir.TestKit.FileSystem;

/// <summary>A directory of <see cref="CrashFileSystem"/>: names as programs see them, durable names, and the changes between.</summary>
internal sealed class MemoryDirectory
{
    private readonly List<Change> _pending = [];
    private Dictionary<string, MemoryFile> _durable = [];

    public Dictionary<string, MemoryFile> Names { get; private set; } = [];

    public bool HasPendingDelete => _pending.Exists(static change => change.Kind == ChangeKind.Delete);

    public bool HasPendingRename => _pending.Exists(static change => change.Kind == ChangeKind.Rename);

    public void Add(string name, MemoryFile file) => Record(new Change(ChangeKind.Add, name, name, file));

    public void Rename(string from, string to) => Record(new Change(ChangeKind.Rename, from, to, Names[from]));

    public void Delete(string name) => Record(new Change(ChangeKind.Delete, name, name, Names[name]));

    public void Sync()
    {
        _durable = new Dictionary<string, MemoryFile>(Names);
        _pending.Clear();
    }

    public void Crash(Random random)
    {
        double kept = random.Next(4) switch { 0 => 0, 1 => 1, _ => random.NextDouble() };
        foreach (Change change in _pending)
            if (random.NextDouble() < kept) Apply(_durable, change);
        Names = new Dictionary<string, MemoryFile>(_durable);
        _pending.Clear();
    }

    private void Record(Change change)
    {
        _pending.Add(change);
        Apply(Names, change);
    }

    private static void Apply(Dictionary<string, MemoryFile> names, Change change)
    {
        if (change.Kind == ChangeKind.Delete)
        {
            // Somebody may have made the name anew in between, with another file.
            if (names.GetValueOrDefault(change.From) == change.File) names.Remove(change.From);
            return;
        }

        if (change.Kind == ChangeKind.Rename) names.Remove(change.From);
        names[change.To] = change.File;
    }

    private enum ChangeKind
    {
        Add,
        Rename,
        Delete,
    }

    private sealed record Change(ChangeKind Kind, string From, string To, MemoryFile File);
}
