namespace Weir.Agent.Collectors.Linux;

/// <summary>A mounted file system.</summary>
/// <param name="Device">What is mounted: <c>/dev/sda1</c>.</param>
/// <param name="Point">Where, as text.</param>
/// <param name="Type">File system type: <c>ext4</c>.</param>
/// <param name="Mode"><c>rw</c> or <c>ro</c>.</param>
internal sealed record Mount(string Device, string Point, string Type, string Mode)
{
    private readonly byte[] _path = [];

    /// <summary>Where, as the kernel's bytes with a zero behind them: not every name is UTF-8. No part of the identity, since <see cref="Point"/> tells it.</summary>
    public ReadOnlySpan<byte> Path
    {
        get => _path;
        init => _path = [.. value, 0];
    }

    /// <summary>Whether nothing can be written.</summary>
    public bool IsReadOnly => Mode == "ro";

    /// <summary>Whether two are the same.</summary>
    public bool Equals(Mount? other) => other is not null && (Device, Point, Type, Mode) == (other.Device, other.Point, other.Type, other.Mode);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Device, Point, Type, Mode);
}
