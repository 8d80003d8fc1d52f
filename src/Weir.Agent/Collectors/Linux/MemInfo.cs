namespace Weir.Agent.Collectors.Linux;

/// <summary>What the memory and paging collectors use of /proc/meminfo, in bytes.</summary>
/// <remarks>Named by key, so that a kernel that lacks one fails what needs it, and nothing else.</remarks>
internal sealed class MemInfo : IDisposable
{
    private const double KiB = 1024;

    private readonly FieldFile _file;
    private readonly FieldValue[] _values;

    /// <summary>Reads keys below /proc.</summary>
    public MemInfo(LinuxRoots roots, params string[] keys)
    {
        _file = new FieldFile(System.IO.Path.Combine(roots.Proc, "meminfo"), FieldForm.Colon);
        _values = new FieldValue[keys.Length];
        for (int i = 0; i < keys.Length; i++) _file.Want(keys[i], i);
    }

    /// <summary>Reads the values of now.</summary>
    public void Read() => _file.Read(_values);

    /// <summary>Why values are missing; means nothing where none is.</summary>
    public FailureReason Failure
    {
        get
        {
            foreach (FieldValue value in _values)
                if (value.Failure == FailureReason.Error) return FailureReason.Error;
            return FailureReason.NotHere;
        }
    }

    /// <summary>Gives a series its value, or says why it has none where the value is not a number.</summary>
    public void Set(Columns columns, int series, double value)
    {
        if (double.IsNaN(value)) columns.Fail(series, Failure);
        else columns.Set(series, value);
    }

    /// <summary>The value of the key at an index; not a number where there is none.</summary>
    public double this[int key] => _values[key].Failure is null ? _values[key].Value * KiB : double.NaN;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
