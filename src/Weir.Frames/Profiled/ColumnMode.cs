namespace Weir.Frames.Profiled;

/// <summary>How a column that left its base is coded. Values are frozen.</summary>
internal enum ColumnMode : byte
{
    /// <summary>As the profile says.</summary>
    Levels = 0,

    /// <summary>In the profile's form, but not in multiples of its quantum.</summary>
    Units = 1,

    /// <summary>By the bits of its doubles: it has left the profile's form.</summary>
    Raw = 2,
}
