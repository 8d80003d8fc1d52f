namespace Weir.Agent.Collectors.Linux;

/// <summary>The devices of a source in its own order, compared byte by byte: a tick on which nothing changed allocates nothing.</summary>
/// <remarks>
/// One pass: <see cref="Begin"/>, <see cref="Next"/> for each line, <see cref="End"/>. When End says that something changed, the columns of the pass
/// are void: <see cref="Clear"/>, <see cref="Learn"/> for each line, and another pass.
/// </remarks>
internal sealed class DeviceTable(Func<string, DeviceUse> use)
{
    private readonly List<Device> _devices = [];
    private readonly List<string> _reported = [];
    private int _at;
    private bool _changed;

    /// <summary>The names of the devices that are reported.</summary>
    public IReadOnlyList<string> Reported => _reported;

    /// <summary>Begins a pass.</summary>
    public void Begin()
    {
        _at = 0;
        _changed = false;
    }

    /// <summary>The next device of the source: its index among the reported ones, or -1 where it is not reported.</summary>
    /// <param name="name">As it stands in the source.</param>
    /// <param name="active">Whether it has ever done anything.</param>
    public int Next(ReadOnlySpan<byte> name, bool active)
    {
        if (_at == _devices.Count || !name.SequenceEqual(_devices[_at].Name))
        {
            _changed = true;
            return -1;
        }

        Device device = _devices[_at++];
        _changed |= active && device.Waits;
        return device.Index;
    }

    /// <summary>Ends a pass; true where the devices are those of the last one.</summary>
    public bool End() => !_changed && _at == _devices.Count;

    /// <summary>Forgets all devices.</summary>
    public void Clear()
    {
        _devices.Clear();
        _reported.Clear();
    }

    /// <summary>Takes a device in.</summary>
    /// <param name="name">As it stands in the source.</param>
    /// <param name="active">Whether it has ever done anything.</param>
    /// <param name="isSound">Whether the source says of it what it should; what does not is no device until it does, and is active.</param>
    public void Learn(ReadOnlySpan<byte> name, bool active, bool isSound = true)
    {
        string text = KernelName.Decode(name);
        // A name that comes twice would make two series of one identity: the first one counts.
        DeviceUse wanted = _reported.Contains(text) ? DeviceUse.Never : use(text);
        bool reported = isSound && (wanted == DeviceUse.Always || (wanted == DeviceUse.WhenActive && active));
        _devices.Add(new Device(name.ToArray(), reported ? _reported.Count : -1, wanted != DeviceUse.Never && !reported));
        if (reported) _reported.Add(text);
    }

    private readonly record struct Device(byte[] Name, int Index, bool Waits);
}
