using System.ComponentModel;
using System.Runtime.InteropServices;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The local volumes that are mounted.</summary>
/// <remarks>
/// The system's volume list has no network drives, so that none is ever asked. A volume without a mount point (boot, recovery) is left out, and so is one whose mount point
/// the configuration excludes. One that is mounted at several places counts once: at its drive letter where it has one. Asks the mount manager alone: no file system that hangs
/// holds it up. Pointers into this object's buffers are valid until the next call; one thread at a time.
/// </remarks>
internal sealed unsafe class VolumeList(NamePatterns names) : IDisposable
{
    private const int NameChars = 64;
    private const int MaxPathChars = 32_768;
    private const int MaxVolumes = 1024;
    private const int MoreData = 234;
    private const int NoMoreFiles = 18;

    private readonly NativeBuffer _paths = new();
    private readonly char[] _name = new char[NameChars];
    private readonly bool _hasPatterns = names.Include.Count + names.Exclude.Count > 0;
    // The excluded ones too, so that the patterns are asked once.
    private readonly List<(Volume Volume, bool IsExcluded)> _known = [];
    private int _at;
    private bool _changed;

    /// <summary>The volumes as of the last <see cref="Refresh"/>.</summary>
    public IReadOnlyList<Volume> Volumes { get; private set; } = [];

    /// <summary>Looks at the volumes again; true where they, or those that are excluded, are not those of the call before.</summary>
    /// <exception cref="Win32Exception">The system does not list its volumes.</exception>
    public bool Refresh()
    {
        _at = 0;
        Walk();
        bool changed = _changed || _at < _known.Count;
        _known.RemoveRange(_at, _known.Count - _at);
        if (changed) Volumes = [.. _known.Where(static known => !known.IsExcluded).Select(static known => known.Volume)];
        // A walk that broke off leaves its changes to the next.
        _changed = false;
        return changed;
    }

    /// <inheritdoc/>
    public void Dispose() => _paths.Dispose();

    private void Walk()
    {
        fixed (char* name = _name)
        {
            nint search = NativeMethods.FindFirstVolumeW(name, NameChars);
            if (search == -1) throw new Win32Exception(Marshal.GetLastPInvokeError());
            try
            {
                do Look(name);
                while (_at < MaxVolumes && NativeMethods.FindNextVolumeW(search, name, NameChars));
                int error = Marshal.GetLastPInvokeError();
                if (_at < MaxVolumes && error != NoMoreFiles) throw new Win32Exception(error);
            }
            finally
            {
                _ = NativeMethods.FindVolumeClose(search);
            }
        }
    }

    private void Look(char* name)
    {
        if (!TryPoint(name, out char* point)) return;
        ReadOnlySpan<char> root = Text(name), at = Text(point);
        if (_at < _known.Count && root.SequenceEqual(_known[_at].Volume.Root) && at.SequenceEqual(_known[_at].Volume.Point))
        {
            _at++;
            return;
        }

        // Patterns need a string: they are not matched again for what is known.
        bool? said = _hasPatterns ? names.Says(at.ToString()) : null;
        var volume = new Volume(root.ToString(), (IsDrive(at) ? at[..2] : root.TrimEnd('\\')).ToString(), at.ToString(), said == true);
        if (_at < _known.Count) _known[_at] = (volume, said == false);
        else _known.Add((volume, said == false));
        _at++;
        _changed = true;
    }

    private bool TryPoint(char* name, out char* point)
    {
        point = null;
        _paths.Reserve(1024 * sizeof(char));
        uint chars;
        while (!NativeMethods.GetVolumePathNamesForVolumeNameW(name, (char*)_paths.Pointer, _paths.Length / sizeof(char), out chars))
        {
            if (Marshal.GetLastPInvokeError() != MoreData || chars > MaxPathChars || chars * sizeof(char) <= _paths.Length) return false;
            _paths.Reserve(chars * sizeof(char));
        }

        // Each path ends with a zero, the list with one more.
        for (char* path = (char*)_paths.Pointer; *path != '\0'; path += Text(path).Length + 1)
        {
            if (point is null || (IsDrive(Text(path)) && !IsDrive(Text(point)))) point = path;
        }

        return point is not null;
    }

    private static bool IsDrive(ReadOnlySpan<char> path) => path.Length == 3 && path[1] == ':';

    private static ReadOnlySpan<char> Text(char* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);
}
