using Weir.Log;

namespace Weir.TestKit.FileSystem;

/// <summary>A file system in memory that loses at a crash what was not made durable: any subset of unsynced sectors, lengths and names.</summary>
/// <remarks>
/// Content and names are made durable apart, as on a real one. A crash can be set for any step; a kind of flush can be left out
/// (a mutant); a disk can be full or refuse to flush. Thread-safe.
/// </remarks>
public sealed class CrashFileSystem : IFileSystem
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MemoryDirectory> _directories = [];
    private readonly HashSet<string> _locks = [];
    private int _generation;

    /// <summary>Steps taken: every write, change of length, flush and change of a name.</summary>
    public int Steps { get; private set; }

    /// <summary>The step at which everything stops with <see cref="SimulatedCrashException"/>; 0 for never.</summary>
    public int CrashAtStep { get; set; }

    /// <summary>Whether <see cref="CrashAtStep"/> has been reached.</summary>
    public bool HasStopped => CrashAtStep > 0 && Steps >= CrashAtStep;

    /// <summary>Flushes carried out, of files and directories.</summary>
    public int Flushes { get; private set; }

    /// <summary>Flushes that are left out: the mutant. The argument tells which.</summary>
    public Func<FlushKind, bool> LeaveOut { get; set; } = static _ => false;

    /// <summary>Bytes that files may still grow by; null without limit.</summary>
    public long? FreeBytes { get; set; }

    /// <summary>Whether the next flush of a file fails.</summary>
    public bool FailNextFlush { get; set; }

    /// <summary>Whether the disk is broken: every write, flush and change of a name fails; what is there can be read.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Waited for, outside of all locks, before each write and flush: a slow disk.</summary>
    public Action<string>? BeforeWrite { get; set; }

    /// <summary>Called with path, offset and length before bytes are read: where it throws, the disk does not give them.</summary>
    public Action<string, long, int>? BeforeRead { get; set; }

    /// <summary>Called with the path before a file is opened: what it throws, the opener sees.</summary>
    public Action<string>? BeforeOpen { get; set; }

    /// <summary>Called with the path of each file that is to be made: what it throws is the system's answer.</summary>
    public Action<string>? BeforeCreate { get; set; }

    /// <summary>Bytes read out of files whose path this accepts are counted in <see cref="ReadBytes"/> and <see cref="Reads"/>.</summary>
    public Func<string, bool> CountReads { get; set; } = static _ => true;

    /// <summary>Reads of files.</summary>
    public long Reads { get; set; }

    /// <summary>Bytes read out of files.</summary>
    public long ReadBytes { get; set; }

    /// <summary>Stops the machine: what was not durable is kept or lost as the random numbers say, open handles die, locks are free.</summary>
    public void Crash(Random random)
    {
        lock (_lock)
        {
            _generation++;
            CrashAtStep = 0;
            _locks.Clear();
            foreach (MemoryDirectory directory in _directories.Values) directory.Crash(random);
            foreach (MemoryFile file in _directories.Values.SelectMany(static directory => directory.Names.Values).Distinct().ToArray()) file.Crash(random);
        }
    }

    /// <summary>Ends the processes and not the machine: open handles die, locks are free, nothing is lost yet.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            _generation++;
            CrashAtStep = 0;
            _locks.Clear();
        }
    }

    /// <summary>The content of a file, to damage it.</summary>
    public byte[] Read(string path)
    {
        lock (_lock) return File(path).Current.ToArray();
    }

    /// <summary>Replaces the content of a file behind everybody's back, durably.</summary>
    public void Overwrite(string path, ReadOnlySpan<byte> content)
    {
        lock (_lock) File(path).Overwrite(content);
    }

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        lock (_lock) _directories.TryAdd(Full(path), new MemoryDirectory());
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path)
    {
        lock (_lock) return _directories.ContainsKey(Full(path));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ListFiles(string directory)
    {
        lock (_lock) return [.. _directories[Full(directory)].Names.Keys];
    }

    /// <inheritdoc/>
    public bool FileExists(string path)
    {
        lock (_lock) return Directory(path).Names.ContainsKey(Path.GetFileName(path));
    }

    /// <inheritdoc/>
    public IFile Create(string path)
    {
        BeforeCreate?.Invoke(path);
        lock (_lock)
        {
            Step();
            if (FileExists(path)) throw new IOException($"{path} exists");
            var file = new MemoryFile();
            Directory(path).Add(Path.GetFileName(path), file);
            return new Handle(this, path, file, _generation);
        }
    }

    /// <inheritdoc/>
    public IFile Open(string path, bool write)
    {
        BeforeOpen?.Invoke(path);
        lock (_lock) return new Handle(this, path, File(path), _generation);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        lock (_lock)
        {
            Step();
            Directory(from).Rename(Path.GetFileName(from), Path.GetFileName(to));
        }
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        lock (_lock)
        {
            Step();
            if (FreeBytes is { } free) FreeBytes = free + File(path).Current.Length;
            Directory(path).Delete(Path.GetFileName(path));
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string path)
    {
        lock (_lock)
        {
            Step();
            MemoryDirectory directory = _directories[Full(path)];
            if (LeaveOut(directory.HasPendingDelete ? FlushKind.DirectoryAfterDelete : directory.HasPendingRename ? FlushKind.DirectoryAfterRename : FlushKind.DirectoryAfterCreate)) return;
            Flushes++;
            directory.Sync();
        }
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path)
    {
        lock (_lock)
        {
            if (!_locks.Add(Full(path))) throw new IOException($"{path} is held");
            return new Unlocker(this, Full(path), _generation);
        }
    }

    private static string Full(string path) => path.TrimEnd('/');

    private MemoryDirectory Directory(string path) =>
        _directories.TryGetValue(Full(Path.GetDirectoryName(path)!), out MemoryDirectory? directory) ? directory : throw new DirectoryNotFoundException(path);

    private MemoryFile File(string path) =>
        Directory(path).Names.TryGetValue(Path.GetFileName(path), out MemoryFile? file) ? file : throw new FileNotFoundException(path);

    private void Step()
    {
        if (++Steps == CrashAtStep) _generation++;
        if (CrashAtStep > 0 && Steps >= CrashAtStep) throw new SimulatedCrashException();
        if (IsBroken) throw new IOException("Input/output error", 5);
    }

    // As a real disk does: what fits is taken.
    private long TakeRoom(long growth)
    {
        if (FreeBytes is not { } free || growth <= 0) return growth;
        FreeBytes = Math.Max(0, free - growth);
        return Math.Min(free, growth);
    }

    private sealed class Unlocker(CrashFileSystem owner, string path, int generation) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock)
            {
                if (owner._generation == generation) owner._locks.Remove(path);
            }
        }
    }

    private sealed class Handle(CrashFileSystem owner, string path, MemoryFile file, int generation) : IFile
    {
        public long Length
        {
            get
            {
                lock (owner._lock) return file.Current.Length;
            }
        }

        public int Read(long offset, Span<byte> target)
        {
            lock (owner._lock)
            {
                Check();
                owner.BeforeRead?.Invoke(path, offset, target.Length);
                if (offset >= file.Current.Length) return 0;
                ReadOnlySpan<byte> content = file.Current.AsSpan((int)offset);
                int length = Math.Min(content.Length, target.Length);
                if (owner.CountReads(path)) (owner.Reads, owner.ReadBytes) = (owner.Reads + 1, owner.ReadBytes + length);
                content[..length].CopyTo(target);
                return length;
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            owner.BeforeWrite?.Invoke(path);
            lock (owner._lock)
            {
                Check();
                owner.Step();
                long growth = Math.Max(0, offset + bytes.Length - file.Current.Length), taken = owner.TakeRoom(growth);
                file.Write((int)offset, bytes[..(int)Math.Max(0, bytes.Length - (growth - taken))]);
                if (taken < growth) throw new IOException("No space left on device", 28);
            }
        }

        public void Allocate(long length)
        {
            lock (owner._lock)
            {
                Check();
                owner.Step();
                long growth = Math.Max(0, length - file.Current.Length);
                if (growth > owner.FreeBytes) throw new IOException("No space left on device", 28);
                owner.TakeRoom(growth);
                file.SetLength((int)length);
            }
        }

        public void SetLength(long length)
        {
            lock (owner._lock)
            {
                Check();
                owner.Step();
                if (owner.FreeBytes is { } free) owner.FreeBytes = free + Math.Max(0, file.Current.Length - length);
                file.SetLength((int)length);
            }
        }

        public void Flush()
        {
            owner.BeforeWrite?.Invoke(path);
            lock (owner._lock)
            {
                Check();
                owner.Step();
                if (owner.FailNextFlush)
                {
                    owner.FailNextFlush = false;
                    file.FailFlush(new Random(owner.Steps));
                    throw new IOException("Input/output error", 5);
                }

                FlushKind kind = path.EndsWith(".new", StringComparison.Ordinal) ? FlushKind.Draft : file.HasNeverBeenFlushed ? FlushKind.FirstOfFile : FlushKind.Block;
                file.FlushAsked();
                if (owner.LeaveOut(kind)) return;
                owner.Flushes++;
                file.Flush();
            }
        }

        public void Dispose()
        {
        }

        private void Check()
        {
            if (owner._generation != generation) throw new SimulatedCrashException();
        }
    }
}

/// <summary>The kinds of flush that durable code makes.</summary>
public enum FlushKind
{
    /// <summary>A file's content in place.</summary>
    Block,

    /// <summary>The first content of a file.</summary>
    FirstOfFile,

    /// <summary>A small file written beside its final name.</summary>
    Draft,

    /// <summary>A directory after a file was made in it.</summary>
    DirectoryAfterCreate,

    /// <summary>A directory after a rename.</summary>
    DirectoryAfterRename,

    /// <summary>A directory after a file was deleted.</summary>
    DirectoryAfterDelete,
}

/// <summary>The machine has stopped.</summary>
public sealed class SimulatedCrashException : IOException
{
    /// <summary>Makes the error.</summary>
    public SimulatedCrashException()
        : base("the machine has stopped")
    {
    }
}
