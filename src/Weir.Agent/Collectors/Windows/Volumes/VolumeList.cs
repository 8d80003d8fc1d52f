using System.ComponentModel;
using System.Runtime.InteropServices;
using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Windows;

/// <summary>The local volumes that are mounted and ready.</summary>
/// <remarks>
/// The system's volume list has no network drives, so that none is ever asked. By itself it takes fixed, removable and RAM drives; patterns name mount
/// points, and may also take a CD. A volume without a mount point (boot, recovery), without a medium or without a known file system is left out. One that is mounted at
/// several places counts once: at its drive letter where it has one. Pointers into this object's buffers are valid until the next call; one thread at a time.
/// </remarks>
internal sealed unsafe class VolumeList(NamePatterns names) : IDisposable
{
    private const int NameChars = 64;
    private const int TypeChars = 64;
    private const int MaxPathChars = 32_768;
    private const int MaxVolumes = 1024;
    private const int MoreData = 234;
    private const int NoMoreFiles = 18;
    private const uint Removable = 2;
    private const uint Fixed = 3;
    private const uint RamDisk = 6;

    private readonly NativeBuffer _paths = new();
    private readonly char[] _name = new char[NameChars];
    private readonly char[] _type = new char[TypeChars];
    private readonly bool _hasPatterns = names.Include.Count + names.Exclude.Count > 0;
    private readonly List<Volume> _known = [];
    private int _at;
    private bool _changed;

    /// <summary>The volumes as of the last <see cref="Refresh"/>.</summary>
    public IReadOnlyList<Volume> Volumes => _known;

    /// <summary>Looks at the volumes again; true where they are not those of the call before.</summary>
    /// <exception cref="Win32Exception">The system does not list its volumes.</exception>
    public bool Refresh()
    {
        uint mode;
        int isSet = NativeMethods.SetThreadErrorMode(NativeMethods.FailCriticalErrors, &mode);
        try
        {
            _at = 0;
            Walk();
            bool changed = _changed || _at < _known.Count;
            _known.RemoveRange(_at, _known.Count - _at);
            // A walk that broke off leaves its changes to the next.
            _changed = false;
            return changed;
        }
        finally
        {
            if (isSet != 0) _ = NativeMethods.SetThreadErrorMode(mode, null);
        }
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
        if (!TryPoint(name, out char* point) || !IsWanted(point, Text(point))) return;
        fixed (char* type = _type)
        {
            if (!NativeMethods.GetVolumeInformationW(name, null, 0, null, null, out uint flags, type, TypeChars)) return;
            string mode = (flags & NativeMethods.ReadOnlyVolume) != 0 ? "ro" : "rw";
            ReadOnlySpan<char> root = Text(name), at = Text(point), system = Text(type);
            if (_at < _known.Count && _known[_at] is var known && root.SequenceEqual(known.Root) && at.SequenceEqual(known.Point) && system.SequenceEqual(known.Type) && mode == known.Mode)
            {
                _at++;
                return;
            }

            var volume = new Volume(root.ToString(), (IsDrive(at) ? at[..2] : root.TrimEnd('\\')).ToString(), at.ToString(), system.ToString(), mode);
            if (_at < _known.Count) _known[_at] = volume;
            else _known.Add(volume);
            _at++;
            _changed = true;
        }
    }

    // Patterns need a string: they are not matched again for what is known.
    private bool IsWanted(char* point, ReadOnlySpan<char> at)
    {
        if (_at < _known.Count && at.SequenceEqual(_known[_at].Point)) return true;
        return (_hasPatterns ? names.Says(at.ToString()) : null) ?? NativeMethods.GetDriveTypeW(point) is Fixed or Removable or RamDisk;
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
