namespace Weir.Log;

/// <summary>What durable code needs of a file system, and no more, so that a test double can lose everything that was not made durable.</summary>
/// <remarks>
/// Two things must be made durable apart: the content of a file (<see cref="IFile.Flush"/>) and the names in a directory
/// (<see cref="SyncDirectory"/>): a created, renamed or deleted name may be undone by a crash until its directory is synced.
/// </remarks>
public interface IFileSystem
{
    /// <summary>Makes a directory and those above it; nothing where it exists. Durable when the call returns.</summary>
    void CreateDirectory(string path);

    /// <summary>Whether a directory exists.</summary>
    bool DirectoryExists(string path);

    /// <summary>Names of the files in a directory, in no particular order.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>Whether a file exists.</summary>
    bool FileExists(string path);

    /// <summary>Makes a file that must not exist yet, for writing and reading.</summary>
    IFile Create(string path);

    /// <summary>Opens an existing file for reading, or for both.</summary>
    IFile Open(string path, bool write);

    /// <summary>Gives a file another name in the same directory, replacing what stands there, in one step.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file; open handles keep working.</summary>
    void Delete(string path);

    /// <summary>Makes the names in a directory durable.</summary>
    void SyncDirectory(string path);

    /// <summary>Takes a file as a lock that ends with the process.</summary>
    /// <exception cref="IOException">Somebody else holds it.</exception>
    IDisposable Lock(string path);
}

/// <summary>An open file. Reads at different offsets may run side by side; writes must not.</summary>
public interface IFile : IDisposable
{
    /// <summary>Bytes in the file.</summary>
    long Length { get; }

    /// <summary>Reads up to the length of <paramref name="target"/>; fewer only at the end of the file.</summary>
    int Read(long offset, Span<byte> target);

    /// <summary>Writes all bytes.</summary>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file or extends it with zeros.</summary>
    void SetLength(long length);

    /// <summary>Makes the file this long, with room on the disk for all of it.</summary>
    void Allocate(long length);

    /// <summary>Makes content and length durable.</summary>
    void Flush();
}
